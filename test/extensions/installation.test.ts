import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import type { HttpHandler } from '../../lambda/http/answer.ts';
import { installationEndpoint } from '../../lambda/extensions/installation-endpoint.ts';
import { installationStore } from '../../lambda/extensions/installation-store.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { installationKey } from '../../lambda/store/keys.ts';
import { readInstallation } from '../../lambda/store/rows.ts';
import { call, callerContext, type Reply } from '../support/endpoint-call.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { runs } from '../support/runs.ts';

const extensionId = 'com.example.mail-merge';
const installation = {
  name: 'Mail merge',
  origins: ['https://mail.example.com'],
  scopes: ['actions:invoke', 'records:read:contact'],
};

let engine: TestEngine;
let table: string;
let endpoint: HttpHandler;
let now: number;
let acme: AuthContext;

beforeAll(async () => {
  engine = await startTestEngine();
  table = await engine.createIdentityTable();
  endpoint = installationEndpoint({
    store: installationStore(
      engine.client,
      table,
      breaker('store', 'DynamoDB', () => 0),
    ),
    clock: () => now,
    trusted: compileOrigins(['https://crm.example.com']),
    log: (line) => {
      throw new Error(`unexpected ${JSON.stringify(line)}`);
    },
  });
});
afterAll(() => engine.stop());
beforeEach(() => {
  now = Date.UTC(2030, 0, 1);
  acme = callerContext({ organizationId: `acme-${randomUUID()}`, role: 'owner', scopes: '*' });
});

const send = (
  method: 'PUT' | 'DELETE',
  context: AuthContext,
  body?: unknown,
  id = extensionId,
): Promise<Reply> =>
  call(endpoint, {
    method,
    route: '/v1/extensions/{extensionId}/installation',
    parameters: { extensionId: id },
    body,
    context,
  });

async function stored({
  organizationId,
}: AuthContext): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { pk, sk } = installationKey(organizationId, extensionId);
  const { Item } = await engine.client.send(
    new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
  );
  return Item && unmarshall(Item);
}

describe('an installation', () => {
  test('is stored as the authorizer reads it, and answered as it is', async () => {
    const { status, body } = await send('PUT', acme, installation);
    expect([status, body]).toEqual([200, { extensionId, ...installation, enabled: true }]);
    const { organizationId } = acme;
    const item = await stored(acme);
    expect(item).toEqual({
      ...installationKey(organizationId, extensionId),
      organizationId,
      extensionId,
      ...installation,
      enabled: true,
      createdAt: '2030-01-01T00:00:00.000Z',
      updatedAt: '2030-01-01T00:00:00.000Z',
    });
    expect(readInstallation(marshall(item))).toMatchObject({ organizationId, extensionId, enabled: true });
  });

  test('is replaced as a whole by the next PUT; only the moment it was made stays', async () => {
    await send('PUT', acme, { ...installation, enabled: false });
    now += 1000;
    await send('PUT', acme, { ...installation, name: 'Mail', origins: [], scopes: [] });
    expect(await stored(acme)).toMatchObject({
      name: 'Mail',
      origins: [],
      scopes: [],
      enabled: true,
      createdAt: '2030-01-01T00:00:00.000Z',
      updatedAt: '2030-01-01T00:00:01.000Z',
    });
  });

  test('is gone after DELETE, which may be repeated', async () => {
    await send('PUT', acme, installation);
    for (const _ of [1, 2]) {
      const { status, body } = await send('DELETE', acme);
      expect([status, body]).toEqual([204, undefined]);
      expect(await stored(acme)).toBeUndefined();
    }
  });

  test('of one organization is neither changed nor deleted by another', async () => {
    const globex = { ...acme, organizationId: `globex-${randomUUID()}` };
    await send('PUT', acme, installation);
    await send('PUT', globex, { ...installation, name: 'Theirs' });
    await send('DELETE', globex);
    expect(await stored(acme)).toMatchObject(installation);
    expect(await stored(globex)).toBeUndefined();
  });

  test('keeps origins in serialized form, and each entry once', async () => {
    const { body } = await send('PUT', acme, {
      name: ' Mail merge ',
      origins: ['HTTPS://Mail.Example.com:443/', 'https://mail.example.com', 'http://localhost:5173'],
      scopes: ['records:read', 'records:read'],
    });
    expect(body).toMatchObject({
      name: 'Mail merge',
      origins: ['https://mail.example.com', 'http://localhost:5173'],
      scopes: ['records:read'],
    });
  });
});

describe('an installation is refused with 400', () => {
  test.each([
    ['without a body', undefined],
    ['that is no object', '[]'],
    ['without a name', { origins: [], scopes: [] }],
    ['with an empty name', { ...installation, name: '  ' }],
    ['with a name that is too long', { ...installation, name: 'x'.repeat(101) }],
    ['with half a character', { ...installation, name: 'a\ud800' }],
    ['without scopes', { name: 'x', origins: [] }],
    ['with scope *', { ...installation, scopes: ['*'] }],
    ['with a scope that is none', { ...installation, scopes: ['records'] }],
    ['with a scope of upper case', { ...installation, scopes: ['records:Read'] }],
    ['with scopes as text', { ...installation, scopes: 'records:read' }],
    ['with too many scopes', { ...installation, scopes: Array.from({ length: 51 }, (_, n) => `a:b${n}`) }],
    ['with an origin that is none', { ...installation, origins: ['mail.example.com'] }],
    ['with a path', { ...installation, origins: ['https://mail.example.com/app'] }],
    ['with user information', { ...installation, origins: ['https://a@mail.example.com'] }],
    ['with a wildcard', { ...installation, origins: ['https://*.example.com'] }],
    ['with another scheme', { ...installation, origins: ['javascript://mail.example.com'] }],
    ['with the null origin', { ...installation, origins: ['null'] }],
    ['with enabled as text', { ...installation, enabled: 'false' }],
    ['with a member it does not know', { ...installation, organizationId: 'org-globex' }],
  ])('%s', async (_, body) => {
    const refused = await send('PUT', acme, body);
    expect([refused.status, refused.body]).toEqual([
      400,
      { error: 'invalid_request', message: expect.stringMatching(/\.$/), requestId: 'request-1' },
    ]);
    expect(await stored(acme)).toBeUndefined();
  });
});

test.each(['PUT', 'DELETE'] as const)('%s needs extensions:manage, checked once more', async (method) => {
  const member = callerContext({ organizationId: acme.organizationId });
  const { status, body } = await send(method, member, installation);
  expect([status, body]).toEqual([403, expect.objectContaining({ scope: 'extensions:manage' })]);
});

test('only a session manages installations', async () => {
  const { status } = await send('PUT', { ...acme, credentialKind: 'api_key' }, installation);
  expect(status).toBe(403);
});

test.each(['', '..', '.hidden', 'a/b', 'x'.repeat(65), 'a#b', 'a b'])(
  'extension id %j is 404',
  async (id) => {
    expect((await send('PUT', acme, installation, id)).status).toBe(404);
  },
);

test('whatever the body is, it is an installation or 400', async () => {
  const body = fc.record(
    { name: fc.jsonValue(), origins: fc.jsonValue(), scopes: fc.jsonValue(), enabled: fc.jsonValue() },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string({ unit: 'binary' }), body), async (sent) => {
      const { status } = await send('PUT', acme, sent);
      return status === 200 || status === 400;
    }),
    runs(200),
  );
});
