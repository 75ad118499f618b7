import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { enter, ensureOrganizations } from './demo-user.ts';
import type { DemoUser, Place } from './demo-user.ts';
import { call, textIn, unexpected } from './http-client.ts';
import { isObject, parseJson } from './json.ts';
import { writePrivately } from './private-file.ts';

/** Credentials of each kind for a stack to try things with. */
export interface Demo {
  readonly email: string;
  readonly password: string;
  readonly organizations: readonly string[];
  readonly apiKey: string;
  readonly cookie: string;
  readonly extensionId: string;
  readonly extensionToken: string;
  /** An organization of somebody else: where the demo user is no member. */
  readonly foreignOrganization: string;
  /** What a session sends as `Origin`. */
  readonly origin: string;
}

export interface DemoOptions extends Place {
  /** Where the demo's own secrets are kept between starts. */
  readonly directory: string;
  /** Origin of the example extension. */
  readonly extension: string;
}

const organizations = { 'acme-corp': 'Acme Corporation', globex: 'Globex' };
const foreign = { initech: 'Initech' };
const extensionId = 'example-extension';
const scopes = ['actions:invoke', 'records:read', 'records:write', 'realtime:connect'];
const contacts = [
  { name: 'Ada Lovelace', company: 'Analytical Engines' },
  { name: 'Grace Hopper', company: 'Compilers' },
  { name: 'Alan Turing', company: 'Computing Machinery' },
];

const Kept = v.object({ password: v.string(), foreignPassword: v.string(), apiKey: v.optional(v.string()) });

/**
 * Makes the demo data, through the public HTTP API and nothing else: what works here works for any client.
 * What an earlier start made is found again and kept.
 *
 * @throws {StackError} when the stack answers otherwise than it should
 */
export async function seedDemo(options: DemoOptions): Promise<Demo> {
  const file = join(options.directory, 'demo.json');
  const kept = readKept(file);
  // The passwords are kept before they are used: an interrupted start must be able to sign in next time.
  writePrivately(file, kept);
  const email = 'demo@example.com';
  const user = await enter(options, { name: 'Demo', email, password: kept.password });
  await ensureOrganizations(user, organizations);
  const other = { name: 'Somebody else', email: 'somebody-else@example.com', password: kept.foreignPassword };
  await ensureOrganizations(await enter(options, other), foreign);
  const apiKey = await ensureApiKey(options.rest, user, kept.apiKey);
  writePrivately(file, { ...kept, apiKey });
  await ensureRecords(options.rest, apiKey);
  return {
    email,
    password: kept.password,
    organizations: Object.keys(organizations),
    apiKey,
    extensionId,
    extensionToken: await mintToken(user, options.extension),
    cookie: user.cookie(),
    foreignOrganization: Object.keys(foreign).join(),
    origin: options.origin,
  };
}

function readKept(file: string): v.InferOutput<typeof Kept> {
  const kept = v.safeParse(Kept, existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined);
  if (kept.success) return kept.output;
  return {
    password: randomBytes(12).toString('base64url'),
    foreignPassword: randomBytes(12).toString('base64url'),
  };
}

/** A key is shown once, when it is made: one that was kept and still works is used again. */
async function ensureApiKey(rest: string, user: DemoUser, kept: string | undefined): Promise<string> {
  if (kept !== undefined) {
    const answer = await call(`${rest}/v1/whoami`, 'GET', { headers: { 'x-api-key': kept } });
    if (answer.status === 200) return kept;
  }
  return textIn(
    await user.send('POST', '/api/auth/api-key/create', { name: 'demo' }),
    'key',
    'creating an API key',
  );
}

async function ensureRecords(rest: string, apiKey: string): Promise<void> {
  const url = `${rest}/v1/records/contact`;
  const headers = { 'x-api-key': apiKey, 'x-tenant-id': 'acme-corp' };
  const listed = await call(`${url}?limit=1`, 'GET', { headers });
  const records = isObject(listed.body) ? listed.body['records'] : undefined;
  if (!Array.isArray(records)) throw unexpected(listed, 'listing contacts');
  if (records.length > 0) return;
  for (const json of contacts) {
    const created = await call(url, 'POST', { headers, json });
    if (created.status !== 201) throw unexpected(created, 'creating a contact');
  }
}

async function mintToken(user: DemoUser, origin: string): Promise<string> {
  const path = `/v1/extensions/${extensionId}`;
  const installation = { name: 'Example extension', origins: [origin], scopes, enabled: true };
  const installed = await user.send('PUT', `${path}/installation`, installation);
  if (installed.status !== 200) throw unexpected(installed, 'installing the example extension');
  return textIn(
    await user.send('POST', `${path}/token`, { ttlSeconds: 3600 }),
    'token',
    'minting an extension token',
  );
}
