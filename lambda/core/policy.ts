import { refuseRoute } from './authorize.ts';
import type { AccessRequest, Caller, Scope } from './model.ts';
import type { OriginMatcher } from './origin.ts';
import { overlaps, wildcard } from './resource.ts';
import { matchRoute, type RouteTable } from './route-table.ts';
import { parameterPatterns, type Route } from './routes.ts';
import { everything } from './scopes.ts';

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
 * Every route this caller may call on this API and stage, so that a gateway may cache it. Built from route
 * templates and scope literals alone: a `*` the client put into its path would otherwise become a wildcard.
 */
export function completePolicy(
  who: Caller,
  request: AccessRequest,
  table: RouteTable,
  trusted: OriginMatcher,
): PolicyDocument {
  return policyOf(who, request, table, trusted, table.routes);
}

/**
 * The requested route only, for callers whose complete policy exceeds the budget. Only for a request that
 * `authorize` allowed.
 */
export function requestedPolicy(
  who: Caller,
  request: AccessRequest,
  table: RouteTable,
  trusted: OriginMatcher,
): PolicyDocument {
  const match = matchRoute(table, request.method, request.path);
  return policyOf(who, request, table, trusted, match ? [match.route] : [], match?.parameters);
}

function policyOf(
  who: Caller,
  request: AccessRequest,
  table: RouteTable,
  trusted: OriginMatcher,
  listed: readonly Route[],
  parameters?: ReadonlyMap<string, string>,
): PolicyDocument {
  const open = (route: Route): readonly Bindings[] =>
    refuseRoute(who, request, route, trusted) ? [] : openings(route, who.scopes);

  const allow: string[] = [];
  const refused = new Set<Route>();
  for (const route of listed) {
    for (const bindings of open(route)) {
      if (parameters && !agree(bindings, parameters)) continue;
      const path = wildcard(route.path, bindings);
      // A value that is also a literal segment of another route leads there, and that route may be closed.
      if (bindings.size > 0 && !leadsTo(route, path, table)) continue;
      allow.push(resource(request.api, route, path));
      // `*` crosses `/` in an IAM resource, so this Allow may reach into routes below it.
      for (const other of overlaps(table.routes, route, path)) {
        if (!open(other).some((whole) => whole.size === 0)) refused.add(other);
      }
    }
  }
  return document(
    [...new Set(allow)],
    [...refused].map((route) => resource(request.api, route, wildcard(route.path, new Map()))),
  );
}

/** Does the gateway send a path with all its parameters bound to this route? One with `*` may lead anywhere. */
const leadsTo = (route: Route, path: string, table: RouteTable): boolean =>
  path.includes('*') || matchRoute(table, route.method, path)?.route === route;

/** A WebSocket's `$connect` has no method in its resource. */
const resource = (api: string, route: Route, path: string): string =>
  route.method === '$connect' ? `${api}/$connect` : `${api}/${route.method}${path}`;

/** Path parameters that a scope fixes; an empty map opens the whole route. */
type Bindings = ReadonlyMap<string, string>;

const unbound: Bindings = new Map();

/** In which values of its parameters a route is open to these scopes. */
function openings(route: Route, scopes: readonly Scope[]): readonly Bindings[] {
  const { scope } = route;
  if (scope === undefined) return [unbound];
  const found = scopes.map((granted) => bind(scope, granted)).filter((each) => each !== undefined);
  return found.find((each) => each.size === 0) ? [unbound] : found;
}

/** `records:read:contact` against `records:read:{entity}` → entity = contact. */
function bind(template: Scope, granted: Scope): Bindings | undefined {
  if (granted === everything) return unbound;
  const wanted = template.split(':');
  const given = granted.split(':');
  if (given.length > wanted.length) return undefined;
  const bindings = new Map<string, string>();
  for (const [index, segment] of given.entries()) {
    const name = /^\{([A-Za-z]+)\}$/.exec(wanted[index] ?? '')?.[1];
    if (name === undefined) {
      if (segment !== wanted[index]) return undefined;
    } else if (parameterPatterns.get(name)?.test(segment) ?? true) {
      bindings.set(name, segment);
    } else return undefined;
  }
  return bindings;
}

const agree = (bindings: Bindings, parameters: ReadonlyMap<string, string>): boolean =>
  [...bindings].every(([name, value]) => parameters.get(name) === value);
