import { send, textOf } from './http.ts';
import type { Fields, Reply, Sent } from './http.ts';

/** Somebody with a browser: cookies are kept, the origin is sent. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  /** The Cookie header of now. */
  readonly cookie: () => string;
  /** One cookie's value as it was set; empty when there is none. */
  readonly cookieNamed: (name: string) => string;
  readonly ask: (path: string, sent?: Sent) => Promise<Reply>;
  readonly post: (path: string, json: unknown, headers?: Fields) => Promise<Reply>;
}

export const password = 'correct horse battery staple';

/** Signs up through the public API. */
export async function signUp(rest: string, origin: string, name: string): Promise<Person> {
  const email = `${name}@people.test`;
  const browser = createBrowser(rest, origin);
  const answer = await browser.post('/api/auth/sign-up/email', { name, email, password });
  return { ...browser, id: textOf(answer, 'user', 'id'), email, password };
}

/** Signs in on another device. */
export async function signIn(
  rest: string,
  origin: string,
  { id, email }: Pick<Person, 'id' | 'email'>,
): Promise<Person> {
  const browser = createBrowser(rest, origin);
  const answer = await browser.post('/api/auth/sign-in/email', { email, password });
  if (textOf(answer, 'user', 'id') !== id) throw new Error('signed in as somebody else');
  return { ...browser, id, email, password };
}

type Browser = Pick<Person, 'cookie' | 'cookieNamed' | 'ask' | 'post'>;

export function createBrowser(rest: string, origin: string): Browser {
  const jar = new Map<string, string>();
  const cookie = (): string => [...jar].map((pair) => pair.join('=')).join('; ');
  const ask = async (path: string, sent: Sent = {}): Promise<Reply> => {
    const headers: Fields = [
      ['Origin', origin],
      ...(jar.size > 0 ? [['Cookie', cookie()] as const] : []),
      ...(sent.headers ?? []),
    ];
    const reply = await send(rest, path, { ...sent, headers });
    for (const each of reply.header('set-cookie')) keep(jar, each);
    return reply;
  };
  return {
    cookie,
    cookieNamed: (name) => jar.get(name) ?? '',
    ask,
    post: (path, json, headers = []) => ask(path, { method: 'POST', json, headers }),
  };
}

function keep(jar: Map<string, string>, setCookie: string): void {
  const [pair = '', ...attributes] = setCookie.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals).trim();
  if (attributes.some((each) => /^\s*max-age=0\s*$/i.test(each))) jar.delete(name);
  else jar.set(name, pair.slice(equals + 1));
}
