import { parseCookies, serializeCookie } from 'better-call';
import type { Auth } from './auth.ts';

type AuthCookies = Awaited<Auth['$context']>['authCookies'];

/**
 * The token that Better Auth would take from a Cookie header, signed by us or not. Read by its own parser: where
 * the two read differently (quotes, a name that is there twice), a session could be checked and another be used.
 */
export function presentedToken(cookie: string, { sessionToken }: AuthCookies): string | undefined {
  const value = parseCookies(cookie).get(sessionToken.name);
  const end = value?.lastIndexOf('.') ?? -1;
  return end > 0 ? value?.slice(0, end) : undefined;
}

/**
 * The `Set-Cookie` lines that take the cookies of a session that has ended from the browser, as Better Auth does
 * with one it does not find; but for those the answer sets itself, as a sign-in does.
 */
export function forgotten(
  cookie: string,
  { sessionToken, sessionData, dontRememberToken }: AuthCookies,
  answered: readonly string[],
): readonly string[] {
  const sent = [...parseCookies(cookie).keys()];
  return [sessionToken, sessionData, dontRememberToken].flatMap(({ name, attributes }) =>
    sent
      .filter((each) => each === name || each.startsWith(`${name}.`))
      .filter((each) => !answered.some((line) => line.startsWith(`${each}=`)))
      .map((each) => serializeCookie(each, '', { ...attributes, maxAge: 0 })),
  );
}
