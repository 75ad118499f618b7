import { parameterPatterns, type Route } from './routes.ts';

/** Every route of an API, indexed by path segment: a look-up costs the same among 10 and 1,000 routes. */
export interface RouteTable {
  readonly routes: readonly Route[];
  readonly root: Node;
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter: { readonly name: string; readonly node: Node } | undefined;
  readonly methods: Map<string, Route>;
}

export interface RouteMatch {
  readonly route: Route;
  readonly parameters: ReadonlyMap<string, string>;
}

const node = (): Node => ({ literals: new Map(), parameter: undefined, methods: new Map() });

const parameterName = (segment: string): string | undefined => /^\{([A-Za-z]+)\}$/.exec(segment)?.[1];

/**
 * @throws when two routes have one method and path, or two names for one parameter (a gateway refuses both), a scope
 *   names a parameter its path lacks (a policy could not be limited to the parameter's value), or a path has a wildcard
 *   of IAM's in it (a policy would open more than the route)
 */
export function routeTable(routes: readonly Route[]): RouteTable {
  const root = node();
  for (const route of routes) {
    if (/[*?]/.test(route.path)) throw new Error(`${route.path}: * and ? are wildcards in a policy`);
    const at = route.path
      .slice(1)
      .split('/')
      .reduce((parent, segment) => child(parent, segment, route), root);
    if (at.methods.has(route.method)) throw new Error(`Route listed twice: ${route.method} ${route.path}`);
    at.methods.set(route.method, route);
    const missing = route.scope?.match(/\{[A-Za-z]+\}/g)?.find((name) => !route.path.includes(name));
    if (missing) throw new Error(`${route.path}: the scope names ${missing}, the path does not`);
  }
  return { routes, root };
}

function child(parent: Node, segment: string, route: Route): Node {
  const name = parameterName(segment);
  if (name === undefined) {
    const next = parent.literals.get(segment) ?? node();
    parent.literals.set(segment, next);
    return next;
  }
  parent.parameter ??= { name, node: node() };
  if (parent.parameter.name !== name) {
    throw new Error(`${route.path}: {${name}} is called {${parent.parameter.name}} in another route`);
  }
  return parent.parameter.node;
}

/** Unreserved characters only, and no dot segment: there is one spelling of such a value (RFC 3986 §6.2.2). */
const plain = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,255}$/;

/**
 * The route of a request, or `undefined`. Only the canonical spelling of a path matches: with encoded
 * characters, empty or dot segments or a trailing slash, authorizer, gateway and endpoint could each
 * understand another route. A literal segment wins over a parameter, as at the gateway, without going back.
 */
export function matchRoute(table: RouteTable, method: string, path: string): RouteMatch | undefined {
  if (!path.startsWith('/')) return undefined;
  let parameters: Map<string, string> | undefined;
  let at = table.root;
  for (let start = 1, end = 0; end < path.length; start = end + 1) {
    const slash = path.indexOf('/', start);
    end = slash === -1 ? path.length : slash;
    const segment = path.slice(start, end);
    const literal = at.literals.get(segment);
    if (literal) {
      at = literal;
      continue;
    }
    const parameter = at.parameter;
    if (!parameter || !isParameterValue(parameter.name, segment)) return undefined;
    parameters ??= new Map();
    parameters.set(parameter.name, segment);
    at = parameter.node;
  }
  const route = at.methods.get(method);
  return route && { route, parameters: parameters ?? none };
}

const none: ReadonlyMap<string, string> = new Map();

/**
 * Routes of a method that an IAM resource pattern could reach: those on its literal segments up to the first `*`,
 * and all below it. A literal segment is a value of a parameter too.
 */
export function routesBelow(table: RouteTable, method: string, pattern: string): readonly Route[] {
  let pending: Node[] = [table.root];
  for (const segment of pattern.slice(1).split('/')) {
    if (segment.includes('*')) break;
    const below: Node[] = [];
    for (const at of pending) {
      const literal = at.literals.get(segment);
      if (literal) below.push(literal);
      if (at.parameter) below.push(at.parameter.node);
    }
    pending = below;
  }
  const found: Route[] = [];
  for (let at = pending.pop(); at; at = pending.pop()) {
    const route = at.methods.get(method);
    if (route) found.push(route);
    pending.push(...at.literals.values());
    if (at.parameter) pending.push(at.parameter.node);
  }
  return found;
}

const isParameterValue = (name: string, value: string): boolean =>
  plain.test(value) && (parameterPatterns.get(name)?.test(value) ?? true);

/** The scope a matched route requires, with the path's values in the place of its parameters. */
export function requiredScope({ route, parameters }: RouteMatch): string | undefined {
  if (!route.scope?.includes('{')) return route.scope;
  return route.scope.replace(/\{([A-Za-z]+)\}/g, (whole, name: string) => parameters.get(name) ?? whole);
}
