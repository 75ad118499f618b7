import type { Allow, Scope } from '../core/model.ts';
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

/** What a complete policy is made from besides the scopes. */
interface Made {
  readonly table: RouteTable;
  readonly api: string;
  readonly kind: string;
  readonly origins: string;
  readonly limit: number;
  readonly policy: SizedPolicy | undefined;
}

/** By the very list of scopes: everybody whom only a role limits has the role's own, and so needs no name for it. */
const latest = new WeakMap<readonly Scope[], Made>();

/**
 * The complete policy of an allowed caller, `undefined` where there is none within `limit`. It is made from the API,
 * the kind of credential, the scopes and whether the origin is accepted, and from nothing else of caller or request,
 * so it is made once for each.
 */
export function sizedPolicy(decision: Allow, rendering: Rendering, limit: number): SizedPolicy | undefined {
  const { scopes, principal } = decision;
  const { table, request } = rendering;
  const { api } = request;
  const kind = principal.credentialKind;
  const origins = acceptedOrigins(decision, rendering);
  const made = latest.get(scopes);
  if (
    made?.table === table &&
    made.api === api &&
    made.kind === kind &&
    made.origins === origins &&
    made.limit === limit
  ) {
    return made.policy;
  }
  const policy = named(`${api} ${kind} ${origins} ${limit} ${scopes.join(' ')}`, decision, rendering, limit);
  // Of a list that a credential brought there will not be another use.
  if (principal.scopes === null) latest.set(scopes, { table, api, kind, origins, limit, policy });
  return policy;
}

/** Different policies kept per route table: callers differ by scopes, kinds, and origins trusted or not. */
const capacity = 256;

/** `null` where there is none. */
const tables = new WeakMap<RouteTable, Map<string, SizedPolicy | null>>();

function named(
  name: string,
  decision: Allow,
  { table, request, trusted }: Rendering,
  limit: number,
): SizedPolicy | undefined {
  const policies = policiesOf(table);
  const known = policies.get(name);
  if (known !== undefined) return known ?? undefined;

  const document = completePolicy(decision, request, table, trusted, limit);
  const made = document && { document, bytes: Buffer.byteLength(JSON.stringify(document)) };
  policies.set(name, made ?? null);
  const [oldest] = policies.keys();
  if (policies.size > capacity && oldest !== undefined) policies.delete(oldest);
  return made;
}

function policiesOf(table: RouteTable): Map<string, SizedPolicy | null> {
  const known = tables.get(table);
  if (known) return known;
  const made = new Map<string, SizedPolicy | null>();
  tables.set(table, made);
  return made;
}
