import { randomBytes } from 'node:crypto';
import { base62, keyChecksum } from '../lambda/credentials/api-key-format.ts';
import type { Demo } from './demo.ts';

/** One request to show, and the status the contract promises for it. */
export interface Sample {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly expected: number;
}

/**
 * Each kind of credential where it is welcome, and each kind of refusal.
 *
 * @param expiredToken an extension token signed with the stack's own ring, its time over
 */
export function samplesFor(demo: Demo, expiredToken: string): readonly Sample[] {
  const key = { 'x-api-key': demo.apiKey };
  const session = { Cookie: demo.cookie };
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const get = { method: 'GET', path: '/v1/whoami', headers: {} };
  const contacts = { method: 'GET', path: '/v1/records/contact' };
  const findMany = {
    method: 'POST',
    path: '/api/actions/execute',
    json: { action: 'find_many', input: { entity: 'contact', limit: 2 } },
  };
  const [, otherOrganization = ''] = demo.organizations;
  return [
    { ...contacts, title: 'API key', headers: key, expected: 200 },
    {
      ...get,
      title: `API key, organization ${otherOrganization}`,
      headers: { ...key, 'x-tenant-id': otherOrganization },
      expected: 200,
    },
    { ...contacts, title: 'session cookie', headers: session, expected: 200 },
    { ...findMany, title: 'extension token', headers: bearer(demo.extensionToken), expected: 200 },
    { ...get, title: 'no credential', expected: 401 },
    { ...get, title: 'unknown API key', headers: { 'x-api-key': unknownKey() }, expected: 401 },
    { ...get, title: 'tampered session cookie', headers: { Cookie: tampered(demo.cookie) }, expected: 401 },
    { ...findMany, title: 'expired extension token', headers: bearer(expiredToken), expected: 401 },
    {
      ...get,
      title: 'API key and Bearer at once',
      headers: { ...key, ...bearer(demo.extensionToken) },
      expected: 401,
    },
    {
      ...get,
      title: `API key, organization ${demo.foreignOrganization} of somebody else`,
      headers: { ...key, 'x-tenant-id': demo.foreignOrganization },
      expected: 403,
    },
    {
      ...contacts,
      title: 'extension token on a records route',
      headers: bearer(demo.extensionToken),
      expected: 403,
    },
    {
      ...contacts,
      method: 'POST',
      title: 'session cookie from a foreign page',
      headers: { ...session, Origin: 'https://attacker.example' },
      json: { name: 'x' },
      expected: 403,
    },
    { ...get, title: 'a route that is not listed', path: '/v1/nothing', headers: key, expected: 404 },
  ];
}

/** Well formed, checksum and all: only the store can tell that nobody has it. */
function unknownKey(): string {
  const random = Array.from(randomBytes(43), (byte) => base62.charAt(byte % base62.length)).join('');
  const body = `crm_test_${random}`;
  return `${body}_${keyChecksum(body)}`;
}

/** Another session id under the old signature. */
const tampered = (cookie: string): string =>
  cookie.replace(
    /(better-auth-session=)(.)/,
    (_, name: string, first: string) => name + (first === 'A' ? 'B' : 'A'),
  );
