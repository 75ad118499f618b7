import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { randomUUID } from 'node:crypto';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { isScope } from '../../lambda/core/scopes.ts';
import { authenticateExtensionToken } from '../../lambda/credentials/extension-token.ts';
import type { HttpHandler } from '../../lambda/crm/answer.ts';
import { installationStore, type InstallationStore } from '../../lambda/extensions/installation-store.ts';
import { grantable } from '../../lambda/extensions/grantable.ts';
import { tokenIssuerEndpoint } from '../../lambda/extensions/issuer-endpoint.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { generateKey, serializeKeyRing, type KeyRing } from '../../lambda/secrets/key-ring.ts';
import { secretSource } from '../../lambda/secrets/secret-source.ts';
import { facts } from '../../lambda/store/facts.ts';
import { identityTable } from '../../lambda/store/identity-table.ts';
import { installationKey } from '../../lambda/store/keys.ts';
import { call, callerContext, type Reply } from '../support/endpoint-call.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const issuer = 'https://crm.example.com';
const extensionId = 'com.example.mail-merge';
const granted = ['actions:invoke', 'records:read', 'records:write:contact'];
const start = Date.UTC(2030, 0, 1);

const signing = generateKey(start / 1000 - 60);
const waiting = generateKey(start / 1000 + 60);
const ring: KeyRing = { keys: [generateKey(start / 1000 - 7200), signing, waiting] };

let engine: TestEngine;
let tableName: string;
let store: InstallationStore;
let now: number;
let lines: unknown[];
let acme: AuthContext;

const ringOf = (value: KeyRing) =>
  secretSource(
    async () => ({ value: serializeKeyRing(value), versionId: 'v1' }),
    { ttl: 300_000, stale: 3_600_000 },
    () => now,
  );
const guard = breaker('store', 'DynamoDB', () => 0);
const issuerWith = (keys: KeyRing): HttpHandler =>
  tokenIssuerEndpoint({
    table: identityTable(engine.client, tableName, guard),
    secret: ringOf(keys),
    issuer,
    clock: () => now,
    trusted: compileOrigins([issuer]),
    log: (line) => lines.push(line),
  });

beforeAll(async () => {
  engine = await startTestEngine();
  tableName = await engine.createIdentityTable();
  store = installationStore(engine.client, tableName, guard);
});
afterAll(() => engine.stop());
beforeEach(async () => {
  now = start;
  lines = [];
  acme = callerContext({ organizationId: `acme-${randomUUID()}` });
  await install();
});

const install = (changes: { readonly scopes?: readonly string[]; readonly enabled?: boolean } = {}) =>
  store.put(
    acme.organizationId,
    { extensionId, name: 'Mail merge', origins: [], scopes: granted, enabled: true, ...changes },
    now,
  );

const ask = (body?: unknown, context: AuthContext = acme, id = extensionId, keys = ring): Promise<Reply> =>
  call(issuerWith(keys), {
    method: 'POST',
    route: '/v1/extensions/{extensionId}/token',
    parameters: { extensionId: id },
    body,
    context,
  });

interface Minted {
  readonly token: string;
  readonly expiresAt: number;
  readonly scopes: readonly string[];
}
const isMinted = (body: unknown): body is Minted =>
  typeof body === 'object' && body !== null && 'token' in body;

async function minted(body?: unknown, context: AuthContext = acme): Promise<Minted> {
  const reply = await ask(body, context);
  if (reply.status !== 201 || !isMinted(reply.body)) throw new Error(`no token: ${JSON.stringify(reply)}`);
  return reply.body;
}

const verify = (token: string, keys = ring, as = issuer) =>
  authenticateExtensionToken(
    facts(identityTable(engine.client, tableName, guard), 0, () => now),
    ringOf(keys),
    {
      issuer: as,
      acceptLegacy: false,
    },
  )({ kind: 'extension_token', token }, now);

describe('a minted token', () => {
  test('authenticates as the user, in the organization, for the extension', async () => {
    const { token, expiresAt, scopes } = await minted();
    const authenticated = await verify(token);
    expect(authenticated).toMatchObject({
      principal: {
        owner: { kind: 'user', id: 'user-1' },
        credentialKind: 'extension_token',
        organizationId: acme.organizationId,
        extensionId,
        scopes: granted,
        expiresAt,
      },
    });
    expect(scopes).toEqual(granted);
    expect('standing' in authenticated && (await authenticated.standing)).toEqual({ grant: granted });
  });

  test('has exactly the header and the claims of the contract', async () => {
    const { token } = await minted({ ttlSeconds: 60 });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'ext+jwt', kid: signing.kid });
    expect(decodeJwt(token)).toEqual({
      iss: issuer,
      aud: extensionId,
      extension_id: extensionId,
      sub: 'user-1',
      userId: 'user-1',
      orgId: acme.organizationId,
      scopes: granted,
      iat: start / 1000,
      exp: start / 1000 + 60,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
    });
  });

  test('lives 300 s unless asked otherwise, 30 s at least and 3,600 s at most', async () => {
    expect((await minted()).expiresAt).toBe(start / 1000 + 300);
    expect((await minted('')).expiresAt).toBe(start / 1000 + 300);
    expect((await minted({ ttlSeconds: 30 })).expiresAt).toBe(start / 1000 + 30);
    const longest = await minted({ ttlSeconds: 3600 });
    expect(longest.expiresAt).toBe(start / 1000 + 3600);
    expect(await verify(longest.token)).toHaveProperty('principal');
  });

  test('has a name no other has', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => minted()));
    expect(new Set(tokens.map(({ token }) => decodeJwt(token).jti)).size).toBe(20);
  });

  test('is worth nothing to another issuer or under another ring', async () => {
    const { token } = await minted();
    expect(await verify(token, ring, 'https://other.example.com')).toMatchObject({
      reason: 'claims_invalid',
    });
    const other = { keys: [{ ...generateKey(signing.signFrom), kid: signing.kid }] };
    expect(await verify(token, other)).toMatchObject({ reason: 'signature_invalid' });
  });

  test('is signed by the newest key whose time has come', async () => {
    now = waiting.signFrom * 1000;
    expect(decodeProtectedHeader((await minted()).token).kid).toBe(waiting.kid);
  });

  test('leaves no trace of itself in the log', async () => {
    await minted();
    expect(lines).toEqual([]);
  });
});

describe('the scopes of a token', () => {
  test('are those asked for, when all of them are granted', async () => {
    const asked = ['records:read:deal', 'actions:invoke'];
    expect((await minted({ scopes: asked })).scopes).toEqual(asked);
  });

  test('are never more than the role gives, whatever the installation was granted', async () => {
    await install({ scopes: ['extensions:manage', 'records:read'] });
    expect((await minted()).scopes).toEqual(['records:read']);
    expect((await minted({}, { ...acme, role: 'owner', scopes: '*' })).scopes).toEqual([
      'extensions:manage',
      'records:read',
    ]);
  });

  test('never contain *, not even for an owner whose installation came to hold it', async () => {
    const item = {
      ...installationKey(acme.organizationId, extensionId),
      organizationId: acme.organizationId,
    };
    await engine.client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: marshall({ ...item, extensionId, enabled: true, scopes: ['*', 'records:read'] }),
      }),
    );
    const owner = { ...acme, role: 'owner', scopes: '*' };
    expect((await ask({ scopes: ['*'] }, owner)).status).toBe(400);
    const { body } = await ask({}, owner);
    expect(JSON.stringify(body)).not.toContain('"*"');
  });

  test.each([
    ['not granted', ['records:read', 'extensions:use'], 'extensions:use'],
    ['wider than granted', ['records:write'], 'records:write'],
    ['granted for another entity', ['records:write:deal'], 'records:write:deal'],
  ])('that are %s are refused with 403, and the missing one is named', async (_, scopes, scope) => {
    const { status, body } = await ask({ scopes });
    expect([status, body]).toEqual([
      403,
      {
        error: 'forbidden',
        reason: 'scope_insufficient',
        message: expect.any(String),
        scope,
        requestId: 'request-1',
      },
    ]);
  });

  test('cannot be none: with nothing in common there is no token', async () => {
    await install({ scopes: ['extensions:manage'] });
    expect((await ask()).body).toMatchObject({ error: 'forbidden', reason: 'scope_insufficient' });
  });

  test('too many to send in one header are refused with 400, not minted in vain', async () => {
    const long = Array.from({ length: 40 }, (_, n) => `records:read:${'e'.repeat(60)}${n}`);
    await install({ scopes: long });
    expect((await ask()).status).toBe(400);
    expect((await minted({ scopes: long.slice(0, 3) })).scopes).toHaveLength(3);
  });

  const scope = fc
    .tuple(
      fc.constantFrom('records', 'actions', 'extensions'),
      fc.constantFrom('read', 'write', 'manage'),
      fc.option(fc.constantFrom('contact', 'deal')),
    )
    .map(([resource, action, entity]) => [resource, action, ...(entity ? [entity] : [])].join(':'));
  const scopeList = fc.array(scope, { maxLength: 5 });
  /** Said apart from the code under test: does a list cover a scope? */
  const covered = (list: readonly string[], wanted: string): boolean =>
    list.some((each) => each === '*' || wanted === each || wanted.startsWith(`${each}:`));

  test('are covered by grant, role and request, for any three of them', () => {
    fc.assert(
      fc.property(
        scopeList,
        fc.oneof(scopeList, fc.constant(['*'])),
        fc.option(
          scopeList.filter((list) => list.length > 0),
          { nil: undefined },
        ),
        (grant, own, asked) => {
          const given = grantable([...grant, '*'], own, asked);
          if ('error' in given) return;
          expect(given.scopes.length).toBeGreaterThan(0);
          for (const each of given.scopes) {
            expect(isScope(each)).toBe(true);
            expect(covered(own, each)).toBe(true);
            if (asked) expect(covered(asked, each)).toBe(true);
          }
        },
      ),
    );
    fc.assert(
      fc.property(scopeList, scopeList, (grant, own) => {
        const given = grantable(grant, own, undefined);
        const scopes = 'error' in given ? [] : given.scopes;
        // Exactly the intersection: each scope of either side that both cover is covered by the token.
        for (const each of [...grant, ...own]) {
          expect(covered(scopes, each)).toBe(covered(grant, each) && covered(own, each));
        }
      }),
    );
  });
});

describe('no token', () => {
  const inactive = { error: 'forbidden', reason: 'installation_inactive' };

  test('for an extension that is not installed, or installed elsewhere', async () => {
    const elsewhere = { ...acme, organizationId: `globex-${randomUUID()}` };
    for (const reply of [await ask({}, acme, 'com.example.other'), await ask({}, elsewhere)]) {
      expect([reply.status, reply.body]).toEqual([403, expect.objectContaining(inactive)]);
    }
  });

  test('from the moment the installation is disabled or removed', async () => {
    await minted();
    await install({ enabled: false });
    expect((await ask()).body).toMatchObject(inactive);
    await install();
    await minted();
    await store.remove(acme.organizationId, extensionId);
    expect((await ask()).body).toMatchObject(inactive);
  });

  test('and one minted before no longer stands', async () => {
    const { token } = await minted();
    await install({ enabled: false });
    const authenticated = await verify(token);
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
    expect((await ask({}, acme, extensionId, { keys: [waiting] })).status).toBe(503);
    expect(lines).toEqual([expect.objectContaining({ event: 'fault', kind: 'secret' })]);
  });

  test('from an installation row that cannot be read: 503', async () => {
    const item = { ...installationKey(acme.organizationId, extensionId), enabled: 'yes' };
    await engine.client.send(new PutItemCommand({ TableName: tableName, Item: marshall(item) }));
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
      { numRuns: 200 },
    );
  });
});
