import { deny, type DenialReason } from './denial.ts';
import type { AccessRequest, Allow, Caller, Deny, Principal, Scope, Tenancy } from './model.ts';
import { isOriginAccepted, type OriginMatcher } from './origin.ts';
import { matchRoute, requiredScope, type RouteMatch, type RouteTable } from './route-table.ts';
import type { Route } from './routes.ts';
import { allows, covers, intersect, scopesOfRole } from './scopes.ts';

/**
 * Effective scopes are the narrowest of credential, installation grant and role, always: a key made by an
 * owner who was demoted since must not keep the owner's rights.
 */
export function callerOf(principal: Principal, tenancy: Tenancy, grant?: readonly Scope[]): Caller {
  const role = tenancy.role === undefined ? undefined : scopesOfRole(tenancy.role);
  const own = role === undefined ? unattended(principal.scopes ?? []) : within(principal.scopes, role);
  return { principal, ...tenancy, scopes: within(grant ?? null, own) };
}

/** `null` limits nothing. */
const within = (limit: readonly Scope[] | null, scopes: readonly Scope[]): readonly Scope[] =>
  limit === null ? scopes : intersect(limit, scopes);

/** A key nobody in person answers for never manages extensions, whatever it was given. */
const unattended = (scopes: readonly Scope[]): readonly Scope[] =>
  scopes.filter((scope) => !covers(scope, 'extensions:manage'));

/** May this caller make this request? Pure. */
export function authorize(
  who: Caller,
  request: AccessRequest,
  table: RouteTable,
  trusted: OriginMatcher,
): Allow | Deny<DenialReason> {
  const match = matchRoute(table, request.method, request.path);
  // The gateway says which resource it matched. If we understood another one, the endpoint that answers is
  // not the one we decided about.
  if (!match || (request.resource !== undefined && request.resource !== match.route.path)) {
    return deny('route_unlisted');
  }
  const refusal =
    refuseRoute(who, request, match.route, trusted) ??
    (hasScope(who, match) ? undefined : 'scope_insufficient');
  return refusal ? deny(refusal) : { effect: 'allow', ...who };
}

/** Why this route is closed to the caller whatever the values of its parameters are. */
export function refuseRoute(
  { principal }: Caller,
  request: AccessRequest,
  route: Route,
  trusted: OriginMatcher,
): DenialReason | undefined {
  // Here, and not where the key is read: a policy then opens nothing to an address that is refused either.
  if (principal.addressAllowed === false) return 'address_not_allowed';
  if (!route.accepts.includes(principal.credentialKind)) return 'credential_kind_not_accepted';
  if (principal.credentialKind === 'session' && !isOriginAccepted(request, route.method, trusted)) {
    return 'origin_untrusted';
  }
  return undefined;
}

function hasScope({ scopes }: Caller, match: RouteMatch): boolean {
  const required = requiredScope(match);
  return required === undefined || allows(scopes, required);
}
