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
 * @throws when two routes have one method and path, or two names for one parameter (a gateway refuses both),
 *   or a scope names a parameter its path lacks: a policy could not be limited to the parameter's value
 */
export function routeTable(routes: readonly Route[]): RouteTable {
  const root = node();
  for (const route of routes) {
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
  const parameters = new Map<string, string>();
  let at = table.root;
  for (const segment of path.slice(1).split('/')) {
    const literal = at.literals.get(segment);
    if (literal) {
      at = literal;
      continue;
    }
    const parameter = at.parameter;
    if (!parameter || !isParameterValue(parameter.name, segment)) return undefined;
    parameters.set(parameter.name, segment);
    at = parameter.node;
  }
  const route = at.methods.get(method);
  return route && { route, parameters };
}

const isParameterValue = (name: string, value: string): boolean =>
  plain.test(value) && (parameterPatterns.get(name)?.test(value) ?? true);

/** The scope a matched route requires, with the path's values in the place of its parameters. */
export function requiredScope({ route, parameters }: RouteMatch): string | undefined {
  return route.scope?.replace(/\{([A-Za-z]+)\}/g, (whole, name: string) => parameters.get(name) ?? whole);
}
