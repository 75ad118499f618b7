import { randomBytes } from 'node:crypto';
import { base62, keyChecksum } from '../lambda/credentials/api-key-format.ts';
import type { Demo } from './demo.ts';

/** One request to show, and the status the contract promises for it. */
export interface Sample {
  readonly api: 'rest' | 'http' | 'websocket';
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Subprotocols a WebSocket is asked for with. */
  readonly protocols?: readonly string[];
  readonly expected: number;
}

/**
 * Each kind of credential where it is welcome, and each kind of refusal, through each API.
 *
 * @param expiredToken an extension token signed with the stack's own ring, its time over
 */
export const samplesFor = (demo: Demo, expiredToken: string): readonly Sample[] => [
  ...restSamples(demo, expiredToken),
  ...httpSamples(demo),
  ...webSocketSamples(demo),
];

function restSamples(demo: Demo, expiredToken: string): readonly Sample[] {
  const { key, session } = credentials(demo);
  const { get, contacts, findMany } = requests('rest');
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

/** An HTTP API says 403 to everybody it refuses. */
function httpSamples(demo: Demo): readonly Sample[] {
  const { key, session } = credentials(demo);
  const { get, contacts, findMany } = requests('http');
  return [
    { ...contacts, title: 'API key', headers: key, expected: 200 },
    { ...contacts, title: 'session cookie', headers: session, expected: 200 },
    { ...findMany, title: 'extension token', headers: bearer(demo.extensionToken), expected: 200 },
    { ...get, title: 'no credential', expected: 403 },
    {
      ...get,
      title: `API key, organization ${demo.foreignOrganization} of somebody else`,
      headers: { ...key, 'x-tenant-id': demo.foreignOrganization },
      expected: 403,
    },
  ];
}

/** A session is sent by browsers, which always say from which page. */
function webSocketSamples(demo: Demo): readonly Sample[] {
  const { key, session } = credentials(demo);
  const connect = { api: 'websocket', method: 'GET', path: '$connect', headers: {} } as const;
  return [
    { ...connect, title: 'API key', headers: key, expected: 101 },
    { ...connect, title: 'session cookie', headers: { ...session, Origin: demo.origin }, expected: 101 },
    {
      ...connect,
      title: 'extension token as a subprotocol',
      protocols: ['crm.v1', `bearer.${demo.extensionToken}`],
      expected: 101,
    },
    { ...connect, title: 'no credential', expected: 401 },
    {
      ...connect,
      title: 'session cookie from a foreign page',
      headers: { ...session, Origin: 'https://attacker.example' },
      expected: 403,
    },
  ];
}

const credentials = (demo: Demo) => ({
  key: { 'x-api-key': demo.apiKey },
  session: { Cookie: demo.cookie },
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

const requests = (api: 'rest' | 'http') => ({
  get: { api, method: 'GET', path: '/v1/whoami', headers: {} },
  contacts: { api, method: 'GET', path: '/v1/records/contact' },
  findMany: {
    api,
    method: 'POST',
    path: '/api/actions/execute',
    json: { action: 'find_many', input: { entity: 'contact', limit: 2 } },
  },
});

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
