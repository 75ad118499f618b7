import * as v from 'valibot';
import { after } from '../core/awaitable.ts';
import type { Authenticate, Authenticated, Refusable, Standing } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import { Fault } from '../core/fault.ts';
import type { Lease } from '../core/lease.ts';
import type { Owner, Principal, Scope, Tenancy } from '../core/model.ts';
import { isScope } from '../core/scopes.ts';
import type { Facts } from '../store/facts.ts';
import { digest } from '../store/keys.ts';
import { isLimited } from '../store/key-limits.ts';
import type { KeyUses } from '../store/key-use.ts';
import type { ApiKeyRow } from '../store/rows.ts';
import { isAddressIn } from './address-list.ts';
import { keyShape, type KeyEnvironment } from './api-key-format.ts';

/**
 * An API key: its SHA-256 is the primary key of its row (Better Auth's own hash), so verifying it is one
 * strongly consistent read, and a key of impossible shape is none. A key with limits is one conditional write
 * more, beside the reads of the organization: a use counts once the key itself is good and the address is allowed,
 * whatever is then decided about organization and route.
 */
export function authenticateApiKey(
  facts: Facts,
  uses: KeyUses,
  environment: KeyEnvironment,
): Authenticate<'api_key'> {
  return ({ key }, now, until, sourceAddress) => {
    const shape = keyShape(key, environment);
    if (shape === 'malformed') return deny('credential_malformed');
    // A key leaked from a test stage must not even be looked up in production.
    if (shape === 'other_environment') return deny('credential_unknown');

    const hash = digest(key);
    return after<ApiKeyRow | undefined, Refusable<Authenticated>>(facts.apiKey(hash, until), (row) => {
      if (!row) return deny('credential_unknown');
      const principal = principalOfKey(row, now, sourceAddress);
      if ('effect' in principal) return principal;
      // From elsewhere the answer is another one.
      if (principal.addressAllowed !== undefined) notToBeKept(until);
      // Not a use: who has a stolen key and the wrong address could else use up what its owner paid for.
      if (principal.addressAllowed === false) return { principal };
      const acts = (tenancy: Tenancy): void => uses.noteOrganization(hash, row, tenancy);
      if (!isLimited(row)) {
        uses.note(hash, row, now);
        return { principal, acts };
      }
      // Every use counts, so none may be answered without counting it.
      notToBeKept(until);
      const standing = counted(hash, row, now, sourceAddress);
      // A use is one write; one more only where what the row says of its organization was right and is not any more.
      return row.likelyMark === null ? { principal, standing } : { principal, standing, acts };
    });
  };

  /** Whether the row still lets it as counting the use left it: it may be disabled, limited or gone since it was read. */
  async function counted(
    hash: string,
    known: ApiKeyRow,
    now: number,
    sourceAddress: string | undefined,
  ): Promise<Refusable<Standing>> {
    const { row, refusal } = await uses.count(hash, known, now);
    if (row) facts.apiKeyUsed(hash, row, now);
    const principal = principalOfKey(row, now, sourceAddress);
    if ('effect' in principal) return principal;
    if (refusal) return deny(refusal);
    return row && stated(row) === stated(known) ? {} : { principal };
  }
}

/** What a row says of a key itself, in one text. A use changes only what is left of its limits. */
const stated = (row: ApiKeyRow): string =>
  JSON.stringify([
    row.configId,
    row.referenceId,
    row.permissions,
    row.expiresAt,
    row.notAfter,
    row.allowedOrganizations,
    row.allowedAddresses,
  ]);

const notToBeKept = (until: Lease): void => until.endsBy(Number.NEGATIVE_INFINITY);

/**
 * Who a key's row says it is, as long as the key may be used. Its limits are not looked at: they are decided
 * where a use is counted.
 *
 * @param now epoch milliseconds
 * @param sourceAddress of the request; where it is not known, a key with an address list is refused
 */
export function principalOfKey(
  row: ApiKeyRow | undefined,
  now: number,
  sourceAddress?: string,
): Refusable<Principal> {
  const owner = row && ownerOf(row);
  if (!row || !owner) return deny('credential_unknown');
  // The owner may write the first; only an operator the second.
  if (row.enabled === false || row.disabledByOperator === true) return deny('credential_disabled');
  const end = endOf(row);
  // On every use: the row may be cached, and TTL deletes late.
  if (end <= now) return deny('credential_expired');

  return {
    owner,
    credentialKind: 'api_key',
    credentialId: row.id,
    scopes: scopesOf(row),
    issuedAt: Math.floor((row.createdAt ?? 0) / 1000),
    ...(end === Infinity ? {} : { expiresAt: Math.floor(end / 1000) }),
    ...(row.likelyOrganizationId ? { likelyOrganizationId: row.likelyOrganizationId } : {}),
    ...(row.likelyMark ? { likelyMark: row.likelyMark } : {}),
    ...(row.allowedOrganizations === null ? {} : { limitedTo: row.allowedOrganizations }),
    ...(row.allowedAddresses === null
      ? {}
      : { addressAllowed: isAddressIn(row.allowedAddresses, sourceAddress) }),
  };
}

/** Whichever comes first: an owner who takes `expiresAt` away does not outlive the operator's end. */
const endOf = ({ expiresAt, notAfter }: ApiKeyRow): number =>
  Math.min(expiresAt ?? Infinity, notAfter ?? Infinity);

/** Only the configuration a key was made under tells what kind of owner `referenceId` names. */
function ownerOf({ configId, referenceId }: ApiKeyRow): Owner | undefined {
  if (configId === 'default') return { kind: 'user', id: referenceId };
  if (configId === 'organization') return { kind: 'organization', id: referenceId };
  return undefined;
}

const permissions = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.array(v.string())));

/** `{"records":["read:contact"]}` ↔ `records:read:contact`. What is no scope grants nothing. */
function scopesOf(row: ApiKeyRow): readonly Scope[] | null {
  if (row.permissions === null) return null;
  const parsed = v.safeParse(permissions, row.permissions);
  if (!parsed.success) throw new Fault('store', 'A stored API key has unreadable permissions');
  return Object.entries(parsed.output)
    .flatMap(([resource, actions]) => actions.map((action) => `${resource}:${action}`))
    .filter(isScope);
}
