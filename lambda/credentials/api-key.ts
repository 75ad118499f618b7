import * as v from 'valibot';
import type { Authenticate, Refusable } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import { Fault } from '../core/fault.ts';
import type { Owner, Principal, Scope } from '../core/model.ts';
import { isScope } from '../core/scopes.ts';
import type { Facts } from '../store/facts.ts';
import { digest } from '../store/keys.ts';
import type { ApiKeyRow } from '../store/rows.ts';
import { keyShape, type KeyEnvironment } from './api-key-format.ts';

/**
 * An API key: its SHA-256 is the primary key of its row (Better Auth's own hash), so verifying it is one
 * strongly consistent read, and a key of impossible shape is none.
 */
export function authenticateApiKey(facts: Facts, environment: KeyEnvironment): Authenticate<'api_key'> {
  return async ({ key }, now) => {
    const shape = keyShape(key, environment);
    if (shape === 'malformed') return deny('credential_malformed');
    // A key leaked from a test stage must not even be looked up in production.
    if (shape === 'other_environment') return deny('credential_unknown');

    const principal = principalOfKey(await facts.apiKey(digest(key)), now);
    return 'effect' in principal ? principal : { principal };
  };
}

/** Who a key's row says it is, as long as the key may be used. @param now epoch milliseconds */
export function principalOfKey(row: ApiKeyRow | undefined, now: number): Refusable<Principal> {
  const owner = row && ownerOf(row);
  if (!row || !owner) return deny('credential_unknown');
  if (row.enabled === false) return deny('credential_disabled');
  // `now` is part of the condition on every use: the row may be cached, and TTL deletes late.
  if (row.expiresAt !== null && row.expiresAt <= now) return deny('credential_expired');
  // Uses have to be counted where the key is stored, which is not done here: a counted key is not served.
  if (row.remaining !== null || row.rateLimitEnabled === true) return deny('quota_exhausted');

  return {
    owner,
    credentialKind: 'api_key',
    credentialId: row.id,
    scopes: scopesOf(row),
    issuedAt: Math.floor((row.createdAt ?? 0) / 1000),
    ...(row.expiresAt === null ? {} : { expiresAt: Math.floor(row.expiresAt / 1000) }),
  };
}

/** Only the configuration a key was made under tells what kind of owner `referenceId` names. */
function ownerOf({ configId, referenceId }: ApiKeyRow): Owner | undefined {
  if (configId === 'default') return { kind: 'user', id: referenceId };
  if (configId === 'organization') return { kind: 'organization', id: referenceId };
  return undefined;
}

const permissions = v.record(v.string(), v.array(v.string()));

/** `{"records":["read:contact"]}` ↔ `records:read:contact`. What is no scope grants nothing. */
function scopesOf(row: ApiKeyRow): readonly Scope[] | null {
  if (row.permissions === null) return null;
  const parsed = v.safeParse(permissions, json(row.permissions));
  if (!parsed.success) throw new Fault('store', 'A stored API key has unreadable permissions');
  return Object.entries(parsed.output)
    .flatMap(([resource, actions]) => actions.map((action) => `${resource}:${action}`))
    .filter(isScope);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
