import { authorize } from '../../lambda/core/authorize.ts';
import type { AccessRequest, Caller } from '../../lambda/core/model.ts';
import type { OriginMatcher } from '../../lambda/core/origin.ts';
import { completePolicy, type PolicyDocument } from '../../lambda/core/policy.ts';
import type { RouteTable } from '../../lambda/core/route-table.ts';
import type { Route } from '../../lambda/core/routes.ts';
import { isAllowed } from '../support/iam.ts';
import { api } from '../support/request.ts';
import { pathOf, trusted } from './arbitrary.ts';

/** Does the decision, made now, allow it? */
export const fresh = (who: Caller, request: AccessRequest, of: RouteTable): boolean =>
  authorize(who, request, of, trusted).effect === 'allow';

/** The complete policy, where there must be one. */
export function complete(
  who: Caller,
  request: AccessRequest,
  of: RouteTable,
  origins: OriginMatcher,
): PolicyDocument {
  const policy = completePolicy(who, request, of, origins);
  if (!policy) throw new Error('There is no complete policy');
  return policy;
}

/** Does a policy that was returned before allow it, as the gateway evaluates it? A `$connect` has no path. */
export const replayed = (policy: PolicyDocument, { method, path }: AccessRequest, at = api): boolean =>
  isAllowed(policy, method === '$connect' ? `${at}/$connect` : `${at}/${method}${path}`);

/** A request to a route, in the circumstances given. */
export const toRoute = (route: Route, given: AccessRequest) =>
  pathOf(route).map((path): AccessRequest => Object.assign({}, given, { method: route.method, path }));
