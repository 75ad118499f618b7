import { serializeCookie } from 'better-call';
import type { Auth } from './auth.ts';
import type { Resigned } from './resign.ts';

/**
 * The `Set-Cookie` lines that hand renewed signatures to the browser: only when the session is still there, and
 * only for cookies that the answer did not set or clear itself (a sign-out would otherwise be undone). A
 * cookie's remaining life stays what it was: the session's, or the browser's with `dont_remember`.
 *
 * @param now epoch milliseconds
 */
export async function renewal(
  auth: Auth,
  { cookie, renewed }: Resigned,
  answered: readonly string[],
  now: number,
): Promise<readonly string[]> {
  const names = [...renewed.keys()].filter((name) => !answered.some((line) => line.startsWith(`${name}=`)));
  if (names.length === 0) return [];
  const found = await auth.api.getSession({
    headers: new Headers({ cookie }),
    // Only the row tells how long the session has left, and reading must not prolong it.
    query: { disableCookieCache: true, disableRefresh: true },
  });
  if (!found) return [];

  const { sessionToken, dontRememberToken } = (await auth.$context).authCookies;
  const isRemembered = !cookie.split('; ').some((pair) => pair.startsWith(`${dontRememberToken.name}=`));
  const remaining = Math.floor((new Date(found.session.expiresAt).getTime() - now) / 1000);
  const lines: string[] = [];
  for (const name of names) {
    const value = decodeURIComponent(renewed.get(name) ?? '');
    if (name === sessionToken.name) {
      const { maxAge: _whole, ...attributes } = sessionToken.attributes;
      lines.push(
        serializeCookie(name, value, isRemembered ? { ...attributes, maxAge: remaining } : attributes),
      );
    } else if (name === dontRememberToken.name) {
      const { maxAge: _none, ...attributes } = dontRememberToken.attributes;
      lines.push(serializeCookie(name, value, attributes));
    }
  }
  return lines;
}
