import type { Scope } from './model.ts';
import { parameterPatterns, type Route } from './routes.ts';
import { everything } from './scopes.ts';

/** Path parameters that a scope fixes; an empty map opens the whole route. */
export type Bindings = ReadonlyMap<string, string>;

export const unbound: Bindings = new Map();

/** In which values of its parameters a route is open to these scopes. */
export function openings({ scope }: Route, scopes: readonly Scope[]): readonly Bindings[] {
  if (scope === undefined) return whole;
  const found: Bindings[] = [];
  for (const granted of scopes) {
    const bindings = bind(scope, granted);
    if (bindings?.size === 0) return whole;
    if (bindings) found.push(bindings);
  }
  return found;
}

const whole: readonly Bindings[] = [unbound];

/** `records:read:contact` against `records:read:{entity}` → entity = contact. */
function bind(template: Scope, granted: Scope): Bindings | undefined {
  if (granted === everything) return unbound;
  const wanted = template.split(':');
  const given = granted.split(':');
  const bindings = new Map<string, string>();
  for (const [index, segment] of given.entries()) {
    const asked = wanted[index];
    if (asked === undefined) return undefined;
    const name = /^\{([A-Za-z]+)\}$/.exec(asked)?.[1];
    if (name === undefined) {
      if (segment !== asked) return undefined;
    } else if (parameterPatterns.get(name)?.test(segment) ?? true) {
      bindings.set(name, segment);
    } else return undefined;
  }
  return bindings;
}

/** Do these values open what these parameters ask for? */
export const agree = (bindings: Bindings, parameters: ReadonlyMap<string, string>): boolean =>
  [...bindings].every(([name, value]) => parameters.get(name) === value);
