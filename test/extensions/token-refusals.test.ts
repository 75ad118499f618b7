import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { installationKey } from '../../lambda/store/keys.ts';
import type { Reply } from '../support/endpoint-call.ts';
import {
  extensionId,
  install,
  minted,
  startIssuer,
  waiting,
  withInstallation,
  type Minted,
  type TestIssuer,
} from '../support/issuer.ts';
import { runs } from '../support/runs.ts';

let by: TestIssuer;
let acme: AuthContext;

beforeAll(async () => {
  by = await startIssuer();
});
afterAll(() => by.engine.stop());
beforeEach(async () => {
  acme = await withInstallation(by);
});

const mintedFor = (body?: unknown, context = acme): Promise<Minted> => minted(by, { body, context });
const ask = (body?: unknown, context = acme): Promise<Reply> => by.ask({ body, context });
const reinstall = (changes: Parameters<typeof install>[2]) => install(by.installations, acme, changes);

describe('no token', () => {
  const inactive = { error: 'forbidden', reason: 'installation_inactive' };

  test('for an extension that is not installed, or installed elsewhere', async () => {
    const elsewhere = { ...acme, organizationId: `globex-${randomUUID()}` };
    for (const reply of [
      await by.ask({ context: acme, extension: 'com.example.other' }),
      await ask({}, elsewhere),
    ]) {
      expect([reply.status, reply.body]).toEqual([403, expect.objectContaining(inactive)]);
    }
  });

  test('from the moment the installation is disabled or removed', async () => {
    await mintedFor();
    await reinstall({ enabled: false });
    expect((await ask()).body).toMatchObject(inactive);
    await reinstall({});
    await mintedFor();
    await by.installations.remove(acme.organizationId, extensionId);
    expect((await ask()).body).toMatchObject(inactive);
  });

  test('and one minted before no longer stands', async () => {
    const { token } = await mintedFor();
    await reinstall({ enabled: false });
    const authenticated = await by.verify(token);
    expect('standing' in authenticated && (await authenticated.standing)).toMatchObject({
      reason: 'installation_inactive',
    });
  });

  test('without extensions:use, or for an API key', async () => {
    const without = await ask({}, { ...acme, scopes: 'records:read' });
    expect([without.status, without.body]).toEqual([
      403,
      expect.objectContaining({ scope: 'extensions:use' }),
    ]);
    const key = await ask({}, { ...acme, credentialKind: 'api_key', scopes: '*' });
    expect([key.status, key.body]).toEqual([
      403,
      expect.objectContaining({ reason: 'credential_kind_not_accepted' }),
    ]);
  });

  test('while no key may sign: 503, and the log says so', async () => {
    by.lines.length = 0;
    expect((await by.ask({ context: acme, keys: { keys: [waiting] } })).status).toBe(503);
    expect(by.lines).toEqual([expect.objectContaining({ event: 'fault', kind: 'secret' })]);
  });

  test.each([
    ['nothing', ''],
    ['less than a key', 'too-short-to-be-one'],
    ['half a ring', '{"keys":[{"kid":"half-a-ring'],
    ['a ring without keys', '{"keys":[]}'],
  ])('from a secret that holds %s: 503, and neither answer nor log quote it', async (_, secret) => {
    by.lines.length = 0;
    const { status, body } = await by.ask({ context: acme, secret });
    expect([status, body]).toEqual([503, expect.objectContaining({ error: 'unavailable' })]);
    expect(by.lines).toEqual([expect.objectContaining({ event: 'fault', kind: 'secret' })]);
    if (secret !== '') expect(JSON.stringify([body, by.lines])).not.toContain(secret);
  });

  test('from an installation row that cannot be read: 503', async () => {
    const item = { ...installationKey(acme.organizationId, extensionId), enabled: 'yes' };
    await by.engine.client.send(new PutItemCommand({ TableName: by.tableName, Item: marshall(item) }));
    expect((await ask()).status).toBe(503);
  });
});

describe('a request is refused with 400', () => {
  test.each([
    ['for 29 seconds', { ttlSeconds: 29 }],
    ['for 3,601 seconds', { ttlSeconds: 3601 }],
    ['for half a second more', { ttlSeconds: 60.5 }],
    ['for a negative time', { ttlSeconds: -300 }],
    ['for a time in text', { ttlSeconds: '300' }],
    ['for no time', { ttlSeconds: null }],
    ['for ever', '{"ttlSeconds":1e999}'],
    ['with no scopes at all', { scopes: [] }],
    ['with scopes as text', { scopes: 'records:read' }],
    ['with a scope that is none', { scopes: ['records'] }],
    ['with scope *', { scopes: ['*'] }],
    ['with a misspelt member', { scope: ['records:read'] }],
    ['that is a list', []],
    ['that is null', 'null'],
    ['that is no JSON', '{'],
  ])('%s', async (_, body) => {
    const refused = await ask(body);
    expect([refused.status, refused.body]).toEqual([
      400,
      { error: 'invalid_request', message: expect.stringMatching(/\.$/), requestId: 'request-1' },
    ]);
  });

  test('or answered with a token, whatever the body is', async () => {
    const body = fc.record({ scopes: fc.jsonValue(), ttlSeconds: fc.jsonValue() }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string({ unit: 'binary' }), body), async (sent) =>
        [201, 400].includes((await ask(sent)).status),
      ),
      runs(200),
    );
  });
});
