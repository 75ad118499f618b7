import { refuseRoute } from './authorize.ts';
import type { AccessRequest, Caller } from './model.ts';
import { agree, openings, unbound, type Bindings } from './openings.ts';
import type { OriginMatcher } from './origin.ts';
import { overlaps, partly, reaches, wildcard } from './resource.ts';
import { matchRoute, type RouteMatch, type RouteTable } from './route-table.ts';
import type { Route } from './routes.ts';

export interface Statement {
  readonly Action: 'execute-api:Invoke';
  readonly Effect: 'Allow' | 'Deny';
  readonly Resource: readonly string[];
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

const statement = (Effect: 'Allow' | 'Deny', Resource: readonly string[]): Statement => ({
  Action: 'execute-api:Invoke',
  Effect,
  Resource,
});

const document = (allow: readonly string[], refuse: readonly string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    ...(allow.length > 0 ? [statement('Allow', allow)] : []),
    ...(refuse.length > 0 ? [statement('Deny', refuse)] : []),
  ],
});

/** Nothing on this API. `api` ends before the method, so no byte the client sent is in it. */
export const denyPolicy = (api: string): PolicyDocument => document([], [`${api}/*`]);

/**
 * Every route this caller may call on this API and stage, and nothing else: what a gateway that caches it answers
 * is what a fresh decision would be. Built from route templates and scope literals alone: a `*` the client put into
 * its path would otherwise become a wildcard.
 *
 * @param limit characters of all resources together after which it is given up
 * @returns `undefined` when it is longer, or when no such policy is exact: a `*` crosses `/`, and a Deny for one
 *   route of the table would then close a part of another that is open
 */
export function completePolicy(
  who: Caller,
  request: AccessRequest,
  table: RouteTable,
  trusted: OriginMatcher,
  limit = Infinity,
): PolicyDocument | undefined {
  const open = opening(who, request, trusted);
  const listed = list(table.routes, open, table, request.api, limit);
  return listed && isExact(listed, open, table) ? documentOf(listed, request.api) : undefined;
}

/**
 * The requested route only, for callers without a complete policy. Only for a request that `authorize` allowed.
 * Where a Deny would close the request itself, its path alone: it matched the table, so each of its segments is a
 * literal of ours or of unreserved characters, none of which means anything to IAM.
 */
export function requestedPolicy(
  who: Caller,
  request: AccessRequest,
  table: RouteTable,
  trusted: OriginMatcher,
): PolicyDocument {
  const match = matchRoute(table, request.method, request.path);
  if (!match) return document([], []);
  const open = opening(who, request, trusted);
  const requested = openFor(open, match);
  const listed = list([match.route], requested, table, request.api, Infinity, open);
  if (!listed) return document([], []);
  const closed = [...listed.refuse].some((route) => reaches(wildcard(route.path, unbound), request.path));
  return closed
    ? document([resource(request.api, match.route, request.path)], [])
    : documentOf(listed, request.api);
}

/** In which values of its parameters a route is open to the caller. */
type Open = (route: Route) => readonly Bindings[];

const opening =
  (who: Caller, request: AccessRequest, trusted: OriginMatcher): Open =>
  (route) =>
    refuseRoute(who, request, route, trusted) ? closed : openings(route, who.scopes);

const closed: readonly Bindings[] = [];

/** Of what is open, what the request asks for. */
const openFor =
  (open: Open, { parameters }: RouteMatch): Open =>
  (route) =>
    open(route).filter((bindings) => agree(bindings, parameters));

interface Listed {
  /** Resources. */
  readonly allow: ReadonlySet<string>;
  /** Routes that a `*` in one of them would open as well. */
  readonly refuse: ReadonlySet<Route>;
}

/** @param others whether other routes are open. @default as the listed ones */
function list(
  routes: readonly Route[],
  open: Open,
  table: RouteTable,
  api: string,
  limit: number,
  others: Open = open,
): Listed | undefined {
  const allow = new Set<string>();
  const refuse = new Set<Route>();
  let length = 0;
  for (const route of routes) {
    for (const bindings of open(route)) {
      const path = wildcard(route.path, bindings);
      // A value that is also a literal segment of another route leads there, and that route may be closed.
      if (bindings.size > 0 && !leadsTo(route, path, table)) continue;
      const allowed = resource(api, route, path);
      if (!allow.has(allowed)) length += allowed.length;
      if (length > limit) return undefined;
      allow.add(allowed);
      for (const other of overlaps(table, route, path)) if (!isWhole(others(other))) refuse.add(other);
    }
  }
  return { allow, refuse };
}

const isWhole = (bindings: readonly Bindings[]): boolean => bindings.some(({ size }) => size === 0);

/** Does no Deny reach a part of a route that is open? */
function isExact({ refuse }: Listed, open: Open, table: RouteTable): boolean {
  for (const route of refuse) {
    const pattern = wildcard(route.path, unbound);
    for (const other of [route, ...overlaps(table, route, pattern)]) {
      if (open(other).some((bindings) => reaches(pattern, partly(other.path, bindings)))) return false;
    }
  }
  return true;
}

const documentOf = ({ allow, refuse }: Listed, api: string): PolicyDocument =>
  document(
    [...allow],
    [...refuse].map((route) => resource(api, route, wildcard(route.path, unbound))),
  );

/** Does the gateway send a path with all its parameters bound to this route? One with `*` may lead anywhere. */
const leadsTo = (route: Route, path: string, table: RouteTable): boolean =>
  path.includes('*') || matchRoute(table, route.method, path)?.route === route;

/** A WebSocket's `$connect` has no method in its resource. */
const resource = (api: string, route: Route, path: string): string =>
  route.method === '$connect' ? `${api}/$connect` : `${api}/${route.method}${path}`;
