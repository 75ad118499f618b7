import type { Allow } from '../core/model.ts';
import { completePolicy, type PolicyDocument } from '../core/policy.ts';
import type { RouteTable } from '../core/route-table.ts';
import { acceptedOrigins } from './accepted-origins.ts';
import type { Rendering } from './surface.ts';

/** A complete policy with its size, which is asked for every answer. */
export interface SizedPolicy {
  readonly document: PolicyDocument;
  /** Of its JSON. */
  readonly bytes: number;
}

/** Different policies kept per route table: callers differ by scopes, kinds, and origins trusted or not. */
const capacity = 256;

const tables = new WeakMap<RouteTable, Map<string, SizedPolicy | undefined>>();

/**
 * The complete policy of an allowed caller, `undefined` where there is none within `limit`. It is made from the API,
 * the kind of credential, the scopes and whether the origin is accepted, and from nothing else of caller or request,
 * so it is made once for each.
 */
export function sizedPolicy(decision: Allow, rendering: Rendering, limit: number): SizedPolicy | undefined {
  const { request, table, trusted } = rendering;
  const policies = tables.get(table) ?? new Map<string, SizedPolicy | undefined>();
  tables.set(table, policies);
  const { credentialKind } = decision.principal;
  const scopes = decision.scopes.join(' ');
  const name = `${request.api} ${credentialKind} ${acceptedOrigins(decision, rendering)} ${limit} ${scopes}`;
  if (policies.has(name)) return policies.get(name);

  const document = completePolicy(decision, request, table, trusted, limit);
  const made = document && { document, bytes: Buffer.byteLength(JSON.stringify(document)) };
  policies.set(name, made);
  const [oldest] = policies.keys();
  if (policies.size > capacity && oldest !== undefined) policies.delete(oldest);
  return made;
}
