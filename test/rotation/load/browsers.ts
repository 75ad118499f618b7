import { send, type Reply } from '../../contract/harness/http.ts';
import { createBrowser } from '../../contract/harness/person.ts';
import { password } from '../../contract/harness/person.ts';
import { signerOf } from './credentials.ts';
import type { Place } from './place.ts';

/** A browser that signed in before the rotations and has sent the same cookies ever since. */
export interface OldBrowser {
  readonly name: string;
  /** Name of the key that signed its cookies. */
  readonly kid: string;
  readonly cookie: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly isRemembered: boolean;
}

export async function signInBefore(
  { stack, rings, person }: Place,
  rememberMe: boolean,
): Promise<OldBrowser> {
  const { rest } = stack.urls;
  const browser = createBrowser(rest, rest);
  await browser.post('/api/auth/sign-in/email', { email: person.email, password, rememberMe });
  const session = await browser.ask('/api/auth/get-session');
  const { expiresAt } = Object(Object(session.body)['session']);
  return {
    name: rememberMe ? 'browser that is remembered' : 'browser that is not remembered',
    kid: signerOf(browser.cookieNamed('better-auth-session'), rings) ?? 'unknown',
    cookie: browser.cookie(),
    expiresAt: Date.parse(String(expiresAt)) / 1000,
    isRemembered: rememberMe,
  };
}

/** What is wrong with how such a browser is answered now, if anything is. Its cookies are of an older key. */
export async function flawsOf(place: Place, browser: OldBrowser): Promise<readonly string[]> {
  const { rest } = place.stack.urls;
  const ask = (path: string): Promise<Reply> =>
    send(rest, path, {
      headers: [
        ['Cookie', browser.cookie],
        ['Origin', rest],
      ],
    });
  const before = await place.rings.signer('better-auth');
  const [whoami, session] = [await ask('/v1/whoami'), await ask('/api/auth/get-session')];
  // It may have become the next one's turn meanwhile.
  const signers = new Set([before.kid, (await place.rings.signer('better-auth')).kid]);
  const lines = session.header('set-cookie');
  const line = lines.find((each) => each.startsWith('better-auth-session=')) ?? '';
  const other = lines.find((each) => each.startsWith('better-auth.dont_remember=')) ?? '';
  const by = (text: string) =>
    signerOf(text.slice(text.indexOf('=') + 1).split(';')[0] ?? '', place.rings) ?? '';
  const maxAge = Number(/max-age=(\d+)/i.exec(line)?.[1] ?? Number.NaN);
  const left = browser.expiresAt - Date.now() / 1000;
  const { email } = Object(Object(session.body)['user']);
  const checks: readonly (readonly [string, boolean])[] = [
    [`the authorizer answers ${whoami.status}`, whoami.status === 200],
    [`get-session answers ${session.status} ${session.text.slice(0, 40)}`, email === place.person.email],
    ['its cookie is not signed anew by the key that signs', signers.has(by(line))],
    ...(browser.isRemembered
      ? [[`Max-Age is ${maxAge}, its life ${left}`, Math.abs(maxAge - left) < 5] as const]
      : [
          ['it has a Max-Age', Number.isNaN(maxAge) && !/max-age/i.test(other)] as const,
          ['dont_remember is not signed anew', signers.has(by(other))] as const,
        ]),
  ];
  return checks.filter(([, holds]) => !holds).map(([flaw]) => `${browser.name}: ${flaw}`);
}

/** Signs out with cookies of the oldest key. @returns what is wrong then */
export async function signOut({ stack }: Place, { name, cookie }: OldBrowser): Promise<readonly string[]> {
  const { rest } = stack.urls;
  const headers = [
    ['Cookie', cookie],
    ['Origin', rest],
  ] as const;
  const out = await send(rest, '/api/auth/sign-out', { method: 'POST', headers, json: {} });
  const after = await send(rest, '/api/auth/get-session', { headers });
  return [
    ...(out.status === 200 ? [] : [`${name}: sign-out answers ${out.status}`]),
    ...(after.body === null ? [] : [`${name}: is signed in after signing out`]),
  ];
}
