import type { Allow } from '../core/model.ts';
import { isOriginAccepted } from '../core/origin.ts';
import { completePolicy, type PolicyDocument } from '../core/policy.ts';
import type { RouteTable } from '../core/route-table.ts';
import type { Rendering } from './surface.ts';

/** A complete policy with its size, which is asked for every answer. */
export interface SizedPolicy {
  readonly document: PolicyDocument;
  /** Of its JSON. */
  readonly bytes: number;
}

/** Different policies kept per route table: callers differ by scopes, kinds, and origins trusted or not. */
const capacity = 256;

const tables = new WeakMap<RouteTable, Map<string, SizedPolicy>>();

/**
 * The complete policy of an allowed caller. It is made from the API, the kind of credential, the scopes and
 * whether the origin is accepted, and from nothing else of caller or request, so it is made once for each.
 */
export function sizedPolicy(decision: Allow, { request, table, trusted }: Rendering): SizedPolicy {
  const policies = tables.get(table) ?? new Map<string, SizedPolicy>();
  tables.set(table, policies);
  const { credentialKind } = decision.principal;
  // Of a method the origin rule asks only whether it is a safe one (lambda/core/origin.ts).
  const origin =
    credentialKind === 'session'
      ? `${isOriginAccepted(request, 'GET', trusted)} ${isOriginAccepted(request, 'POST', trusted)}`
      : '';
  const name = `${request.api} ${credentialKind} ${origin} ${decision.scopes.join(' ')}`;
  const known = policies.get(name);
  if (known) return known;

  const document = completePolicy(decision, request, table, trusted);
  const made = { document, bytes: Buffer.byteLength(JSON.stringify(document)) };
  policies.set(name, made);
  const [oldest] = policies.keys();
  if (policies.size > capacity && oldest !== undefined) policies.delete(oldest);
  return made;
}
