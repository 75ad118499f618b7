import { entityPattern } from './routes.ts';
import type { Scope } from './model.ts';

/** Everything. Only a role gives it; a credential that asks for it by name is refused. */
export const everything: Scope = '*';

/**
 * `resource:action` or `resource:action:entity`, each as an entity may be called. `*` is not a scope anybody
 * may write.
 */
export function isScope(value: unknown): value is Scope {
  if (typeof value !== 'string') return false;
  const words = value.split(':');
  return (words.length === 2 || words.length === 3) && words.every((word) => entityPattern.test(word));
}

/** A scope with fewer segments covers all below it: `records:read` covers `records:read:contact`. */
export function covers(granted: Scope, required: Scope): boolean {
  return granted === everything || granted === required || required.startsWith(`${granted}:`);
}

export const allows = (granted: readonly Scope[], required: Scope): boolean =>
  granted.some((scope) => covers(scope, required));

/** What both sides grant: of two scopes of which one covers the other, the narrower. */
export function intersect(left: readonly Scope[], right: readonly Scope[]): readonly Scope[] {
  const both = new Set<Scope>();
  for (const a of left) {
    for (const b of right) {
      if (covers(a, b)) both.add(b);
      else if (covers(b, a)) both.add(a);
    }
  }
  const found = [...both];
  return found.filter((scope) => !found.some((other) => other !== scope && covers(other, scope)));
}

const roleScopes: ReadonlyMap<string, readonly Scope[]> = new Map([
  ['owner', [everything]],
  ['admin', [everything]],
  ['member', ['records:read', 'records:write', 'actions:invoke', 'extensions:use', 'realtime:connect']],
]);

/**
 * Scopes of a role. Better Auth stores several as `a,b`: their union. An unknown role gives nothing, so a
 * role invented elsewhere opens nothing here until it is listed.
 */
export function scopesOfRole(role: string): readonly Scope[] {
  const only = roleScopes.get(role);
  if (only) return only;
  const scopes = new Set(role.split(',').flatMap((name) => roleScopes.get(name.trim()) ?? []));
  return scopes.has(everything) ? [everything] : [...scopes];
}
