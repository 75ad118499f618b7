import { mint } from '../../lambda/extensions/mint.ts';
import { authorizerCases, type AuthorizerCase } from './cases.ts';
import { environment } from './environment.ts';
import { expiredToken, extension, organization, user } from './world.ts';

/** Seconds. The longest there is. */
const lifetime = 3600;

/**
 * The events that carry a token, with one that is valid for an hour from now.
 *
 * @param now epoch milliseconds
 */
export async function freshCases(now: number): Promise<readonly AuthorizerCase[]> {
  const { token, expiresAt } = await mint(
    { userId: user.id, organizationId: organization.id, extensionId: extension.id, scopes: extension.scopes },
    // A plain secret is a ring of one key, by this name.
    { kid: 'environment', k: environment.EXTENSION_TOKEN_SECRET, signFrom: 0 },
    { issuer: environment.BETTER_AUTH_URL, lifetime, now },
  );
  return authorizerCases.flatMap(({ fresh, ...stale }) => {
    if (!fresh) return [];
    const event = JSON.parse(JSON.stringify(stale.event).replaceAll(expiredToken, token));
    const expected = 'allow' in fresh ? { allow: { ...fresh.allow, expiresAt } } : fresh;
    return [{ ...stale, event, expected }];
  });
}
