import { isSignedBy, splitSignedToken } from '../../../lambda/credentials/session-cookie.ts';
import type { SecretKind } from '../../../lambda/runtime/config.ts';
import { createBrowser, type Person } from '../../contract/harness/person.ts';
import type { ApiKey } from '../../contract/harness/world.ts';
import type { Rings } from './rings.ts';

export type Kind = 'api_key' | 'session' | 'extension_token';

/** A valid credential, and the name of the key that signed it. */
export interface Credential {
  readonly kind: Kind;
  readonly kid: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Valid credentials: old ones are kept, new ones are made all the time, by the signers of the stack. */
export interface Credentials {
  /** The newest or, by turns, any of before. Undefined while there is none of the kind. */
  readonly next: (kind: Kind) => Credential | undefined;
  /** Signs in, and keeps what comes of it among the others. */
  readonly signIn: () => Promise<Made>;
  /** Has a token minted, and keeps it. */
  readonly mint: () => Promise<Made>;
  /** How many were made with each key. */
  readonly made: (kind: SecretKind) => ReadonlyMap<string, number>;
  readonly all: (kind: Kind) => readonly Credential[];
  /** From now on those of this key are not handed out: it was revoked. */
  readonly forget: (kid: string) => void;
}

export interface Made {
  readonly status: number;
  readonly credential?: Credential;
}

export interface CredentialsOf {
  readonly rest: string;
  readonly person: Person;
  readonly key: ApiKey;
  /** Installed extensions: each may have a token a second. */
  readonly extensions: readonly string[];
  readonly rings: Rings;
}

export function credentials({ rest, person, key, extensions, rings }: CredentialsOf): Credentials {
  const kept: Record<Kind, Credential[]> = {
    api_key: [{ kind: 'api_key', kid: 'none', headers: { 'x-api-key': key.key } }],
    session: [],
    extension_token: [],
  };
  const made = { 'extension-token': new Map<string, number>(), 'better-auth': new Map<string, number>() };
  const count = (kind: SecretKind, kid: string) => made[kind].set(kid, (made[kind].get(kid) ?? 0) + 1);
  let turn = 0;
  const keep = (credential: Credential, status: number): Made => {
    kept[credential.kind].push(credential);
    return { status, credential };
  };

  return {
    made: (kind) => made[kind],
    all: (kind) => kept[kind],
    next(kind) {
      turn += 1;
      const pool = kept[kind];
      return turn % 2 === 0 ? pool.at(-1) : pool[Math.floor(Math.random() * pool.length)];
    },
    async signIn() {
      const browser = createBrowser(rest, rest);
      const { email, password } = person;
      const answer = await browser.post('/api/auth/sign-in/email', { email, password });
      if (answer.status !== 200) return { status: answer.status };
      const kid = signerOf(browser.cookieNamed('better-auth-session'), rings) ?? 'unknown';
      count('better-auth', kid);
      return keep({ kind: 'session', kid, headers: { cookie: browser.cookie() } }, answer.status);
    },
    async mint() {
      const extension = extensions[turn % extensions.length] ?? '';
      const path = `/v1/extensions/${extension}/token`;
      const answer = await person.post(path, { ttlSeconds: 3600 });
      if (answer.status !== 201) return { status: answer.status };
      const { token } = Object(answer.body);
      const { kid } = JSON.parse(Buffer.from(String(token).split('.')[0] ?? '', 'base64url').toString());
      count('extension-token', String(kid));
      const headers = { authorization: `Bearer ${token}` };
      return keep({ kind: 'extension_token', kid: String(kid), headers }, answer.status);
    },
    forget(kid) {
      for (const pool of Object.values(kept)) {
        const others = pool.filter((each) => each.kid !== kid);
        pool.splice(0, pool.length, ...others);
      }
    },
  };
}

/** Which key of the session ring signed a cookie. */
export function signerOf(value: string, rings: Rings): string | undefined {
  const signed = splitSignedToken(decodeURIComponent(value));
  return signed && rings.known('better-auth').find((key) => isSignedBy(signed, key))?.kid;
}
