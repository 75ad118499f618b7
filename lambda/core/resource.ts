import { routesBelow, type RouteTable } from './route-table.ts';
import type { Route } from './routes.ts';

/** A route's path as an IAM resource pattern: bound parameters by value, the others as `*`. */
export const wildcard = (path: string, bindings: ReadonlyMap<string, string>): string =>
  path.replace(/\{([A-Za-z]+)\}/g, (_, name: string) => bindings.get(name) ?? '*');

/** A route's path with its bound parameters by value, the others left open. */
export const partly = (path: string, bindings: ReadonlyMap<string, string>): string =>
  path.replace(/\{([A-Za-z]+)\}/g, (parameter, name: string) => bindings.get(name) ?? parameter);

/** Routes, other than `route`, of which the resource pattern `path` also covers at least one request. */
export function overlaps(table: RouteTable, route: Route, path: string): readonly Route[] {
  if (!path.includes('*')) return [];
  return routesBelow(table, route.method, path).filter(
    (other) => other !== route && reaches(path, other.path),
  );
}

/** Stands in a path template for one or more characters except `/`. */
const parameter = '{';

/**
 * Is there an instance of a path template that `pattern` matches, when `*` matches any characters, `/` too?
 * (IAM JSON policy elements, Resource: "the wildcard … can span segments".)
 */
export function reaches(pattern: string, path: string): boolean {
  const template = path.replace(/\{[A-Za-z]+\}/g, parameter);
  const same = literalStart(pattern, template);
  /** How far into the template the pattern may have come: at a parameter, one more character of it is needed. */
  let places = new Set([same]);
  for (const character of pattern.slice(same)) {
    const next = new Set<number>();
    for (const place of places) {
      const wanted = template[place];
      if (character === '*') for (let at = place; at <= template.length; at += 1) next.add(at);
      else if (wanted === parameter && character !== '/') next.add(place).add(place + 1);
      else if (wanted === character) next.add(place + 1);
    }
    places = next;
  }
  return places.has(template.length);
}

/** Characters that both begin with and that mean themselves in both: there is one way to come that far. */
function literalStart(pattern: string, template: string): number {
  let at = 0;
  // No template has a `*` in it, and no pattern a parameter.
  while (at < pattern.length && pattern[at] === template[at]) at += 1;
  return at;
}
