import * as v from 'valibot';
import { call, createCookieJar, unexpected } from './http-client.ts';
import type { Answer } from './http-client.ts';
import { StackError } from './stack-error.ts';

/** A user of the running stack, signed in, who only does what any client could do. */
export interface DemoUser {
  /** The session's Cookie header. */
  cookie(): string;
  get(path: string): Promise<Answer>;
  send(method: string, path: string, json: unknown): Promise<Answer>;
}

export interface Account {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export interface Place {
  /** Where the REST API is reached. */
  readonly rest: string;
  /** Sent as `Origin`: Better Auth and the origin rule ask for it on everything that changes something. */
  readonly origin: string;
}

/** Signs in; signs up where there is no such user yet. */
export async function enter({ rest, origin }: Place, account: Account): Promise<DemoUser> {
  const jar = createCookieJar();
  const request = async (method: string, path: string, json?: unknown): Promise<Answer> => {
    const cookie = jar.header();
    const headers = { Origin: origin, ...(cookie !== '' && { Cookie: cookie }) };
    const answer = await call(`${rest}${path}`, method, { headers, ...(json !== undefined && { json }) });
    jar.keep(answer.setCookies);
    return answer;
  };
  const { name, email, password } = account;
  const signedIn = await request('POST', '/api/auth/sign-in/email', { email, password });
  if (signedIn.status !== 200) {
    if (signedIn.status !== 401) throw unexpected(signedIn, 'signing in');
    const signedUp = await request('POST', '/api/auth/sign-up/email', { name, email, password });
    if (signedUp.status === 422) {
      throw new StackError(
        `${email} exists with another password: start with LOCAL_RESET=1 (data begins anew)`,
      );
    }
    if (signedUp.status !== 200) throw unexpected(signedUp, 'signing up');
  }
  return { cookie: () => jar.header(), get: (path) => request('GET', path), send: request };
}

const Organizations = v.array(v.object({ id: v.string(), slug: v.string() }));

/** Makes the organizations that are not there yet, and the first of them the active one. */
export async function ensureOrganizations(
  user: DemoUser,
  names: Readonly<Record<string, string>>,
): Promise<void> {
  const listed = await user.get('/api/auth/organization/list');
  const present = v.safeParse(Organizations, listed.body);
  if (!present.success) throw unexpected(listed, 'listing organizations');
  for (const [slug, name] of Object.entries(names)) {
    if (present.output.some((organization) => organization.slug === slug)) continue;
    const created = await user.send('POST', '/api/auth/organization/create', { name, slug });
    if (created.status !== 200) throw unexpected(created, `creating the organization ${slug}`);
  }
  const [first] = Object.keys(names);
  const active = await user.send('POST', '/api/auth/organization/set-active', { organizationSlug: first });
  if (active.status !== 200) throw unexpected(active, `making ${first} the active organization`);
}
