import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '../../../local/stack.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { loadAssembly } from '../../../local/template.ts';
import { member, send, textOf } from './http.ts';
import type { Reply, Sent } from './http.ts';
import { signUp } from './person.ts';
import type { Person } from './person.ts';
import { readRing } from './secrets.ts';
import type { Ring } from './secrets.ts';

/** Seconds a fact may be old in these tests. */
export const factsTtl = 1;

export interface Tenant {
  readonly id: string;
  readonly slug: string;
}

/** A running stack with people in it, all of it made through the public API. */
export interface World {
  readonly stack: LocalStack;
  readonly rest: string;
  readonly http: string;
  readonly websocket: string;
  /** Owner of Acme and then of Globex. */
  readonly alice: Person;
  /** Member of Acme. */
  readonly bob: Person;
  /** Owner of Initech, where nobody else is. */
  readonly mallory: Person;
  /** In no organization. */
  readonly carol: Person;
  readonly acme: Tenant;
  readonly globex: Tenant;
  readonly initech: Tenant;
  readonly keys: Readonly<Record<'alice' | 'bob' | 'mallory' | 'carol', ApiKey>>;
  readonly extension: string;
  readonly tokenRing: Ring;
  readonly sessionRing: Ring;
  readonly send: (path: string, sent?: Sent) => Promise<Reply>;
  /** The reason the decision about a request was recorded with; undefined for an allow. */
  readonly reasonOf: (reply: Reply) => Promise<unknown>;
  /** Starts another stack of the same template, with data and configuration of its own. */
  readonly another: (functions: Readonly<Record<string, string>>) => Promise<LocalStack>;
  readonly stop: () => Promise<void>;
}

export interface ApiKey {
  readonly id: string;
  readonly key: string;
}

export const installation = {
  name: 'Mail merge',
  origins: ['https://mail-merge.test'],
  scopes: ['actions:invoke', 'records:read', 'records:write:contact'],
};

export async function startWorld(): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'contract-'));
  const stack = await startStack({ directory, functions: { FACTS_TTL_SECONDS: String(factsTtl) } });
  const stop = async (): Promise<void> => {
    await stack.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const another = (functions: Readonly<Record<string, string>>): Promise<LocalStack> =>
      startStack({
        directory: mkdtempSync(join(directory, 'another-')),
        assembly: loadAssembly(join(directory, 'cdk.out')),
        functions,
      });
    return { ...(await populate(stack)), another, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function populate(stack: LocalStack): Promise<Omit<World, 'another' | 'stop'>> {
  const { rest, http, websocket } = stack.urls;
  if (http === undefined || websocket === undefined) throw new Error('an API is missing');
  const enter = (name: string): Promise<Person> => signUp(rest, rest, name);
  const [alice, bob, mallory, carol] = await Promise.all([
    enter('alice'),
    enter('bob'),
    enter('mallory'),
    enter('carol'),
  ]);
  const acme = await found(alice, 'acme-corp');
  const globex = await found(alice, 'globex');
  await mustBe(200, alice.post('/api/auth/organization/set-active', { organizationId: acme.id }));
  const initech = await found(mallory, 'initech');
  await invite(alice, bob, acme);
  await mustBe(200, bob.post('/api/auth/organization/set-active', { organizationId: acme.id }));
  const extension = 'com.example.mail-merge';
  const path = `/v1/extensions/${extension}/installation`;
  await mustBe(200, alice.ask(path, { method: 'PUT', json: installation }));
  const [aliceKey, bobKey, malloryKey, carolKey] = await Promise.all(
    [alice, bob, mallory, carol].map((person) => createKey(person)),
  );
  if (!aliceKey || !bobKey || !malloryKey || !carolKey) throw new Error('no keys');
  const { extensionToken, betterAuth } = stack.urls.secrets;
  return {
    stack,
    rest,
    http,
    websocket,
    alice,
    bob,
    mallory,
    carol,
    acme,
    globex,
    initech,
    keys: { alice: aliceKey, bob: bobKey, mallory: malloryKey, carol: carolKey },
    extension,
    tokenRing: await readRing(stack, extensionToken),
    sessionRing: await readRing(stack, betterAuth),
    send: (at, sent) => send(rest, at, sent),
    reasonOf: async ({ requestId }) => member(await stack.decisions.of(requestId, 5000), 'reason'),
  };
}

export async function found(person: Person, slug: string): Promise<Tenant> {
  const answer = await mustBe(200, person.post('/api/auth/organization/create', { name: slug, slug }));
  return { id: textOf(answer, 'id'), slug };
}

/** @param role of the one who joins */
export async function invite(host: Person, guest: Person, { id }: Tenant, role = 'member'): Promise<void> {
  const invitation = { email: guest.email, role, organizationId: id };
  const invited = await mustBe(200, host.post('/api/auth/organization/invite-member', invitation));
  const invitationId = textOf(invited, 'id');
  await mustBe(200, guest.post('/api/auth/organization/accept-invitation', { invitationId }));
}

export async function createKey(person: Person, more: object = {}): Promise<ApiKey> {
  const answer = await mustBe(200, person.post('/api/auth/api-key/create', { name: 'contract', ...more }));
  return { id: textOf(answer, 'id'), key: textOf(answer, 'key') };
}

/** @throws {Error} with what was answered instead */
export async function mustBe(status: number, reply: Promise<Reply>): Promise<Reply> {
  const answer = await reply;
  if (answer.status === status) return answer;
  throw new Error(`expected ${status}, got ${answer.status} ${answer.text}`);
}

/** Mints an extension token for a person in their active organization. */
export async function mint({ extension }: World, person: Person, asked: object = {}): Promise<string> {
  return textOf(await mustBe(201, person.post(`/v1/extensions/${extension}/token`, asked)), 'token');
}
