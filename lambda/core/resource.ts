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

/** A path template as characters, with `{` standing for one or more characters except `/`. */
type Template = readonly string[];
const parameter = '{';

const templateOf = (path: string): Template =>
  path.split(/(\{)[A-Za-z]+\}/).flatMap((part) => (part === '{' ? [parameter] : part.split('')));

/**
 * Is there an instance of a path template that `pattern` matches, when `*` matches any characters, `/` too?
 * (IAM JSON policy elements, Resource: "the wildcard … can span segments".)
 */
export function reaches(pattern: string, path: string): boolean {
  const template = templateOf(path);
  const seen = new Set<number>();
  /** `inside`: some characters of the parameter at `t` have been consumed already. */
  const search = (p: number, t: number, inside: boolean): boolean => {
    const state = (p * (template.length + 1) + t) * 2 + (inside ? 1 : 0);
    if (seen.has(state)) return false;
    seen.add(state);
    if (p === pattern.length) return t === template.length || (inside && t + 1 === template.length);
    if (inside && search(p, t + 1, false)) return true;
    const wanted = template[t];
    if (pattern[p] === '*') {
      if (search(p + 1, t, inside)) return true;
      if (wanted === undefined) return false;
      return wanted === parameter ? search(p, t, true) : search(p, t + 1, false);
    }
    if (wanted === undefined) return false;
    if (wanted === parameter) return pattern[p] !== '/' && search(p + 1, t, true);
    return wanted === pattern[p] && search(p + 1, t + 1, false);
  };
  return search(0, 0, false);
}
