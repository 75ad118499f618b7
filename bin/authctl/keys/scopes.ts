import { isScope } from '../../../lambda/core/scopes.ts';
import { CommandFailure } from '../failure.ts';

/**
 * What a key may carry. An authorizer's answer is 8 KB at most, and the scopes are in it up to three times: in
 * the context, and as the resources of a policy (which then falls back to the requested route).
 */
export const scopeLimits = { count: 50, characters: 3000 } as const;

/** `records:read:contact` → `{"records":["read:contact"]}`, as Better Auth stores it. @throws {CommandFailure} */
export function permissionsOf(scopes: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const distinct = [...new Set(scopes)];
  const wrong = distinct.find((scope) => !isScope(scope));
  if (wrong !== undefined) {
    throw new CommandFailure(
      'usage',
      `${JSON.stringify(wrong)} is no scope: resource:action or resource:action:entity, in lower case.`,
    );
  }
  const { count, characters } = scopeLimits;
  if (distinct.length > count || distinct.join(' ').length > characters) {
    throw new CommandFailure(
      'usage',
      `A key has ${count} scopes and ${characters} characters of them at most.`,
    );
  }
  const permissions: Record<string, string[]> = {};
  for (const scope of distinct) {
    const colon = scope.indexOf(':');
    (permissions[scope.slice(0, colon)] ??= []).push(scope.slice(colon + 1));
  }
  return permissions;
}
