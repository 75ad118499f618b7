import { CreateTableCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { authority } from '../../lambda/authorizer/authority.ts';
import { authorizer } from '../../lambda/authorizer/authorizer.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { startFront } from '../support/dynamodb-front.ts';
import type { DynamodbFront } from '../support/dynamodb-front.ts';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { restEvent } from '../support/event.ts';
import { identitySecret, textOf } from '../support/identity.ts';
import type { Browser } from '../support/identity.ts';
import { startSecretsManager } from '../support/secrets-manager.ts';
import type { TestSecretsManager } from '../support/secrets-manager.ts';
import { accept, cookieOf, enter, found, invite, issuer, join, listed, whoIs } from './acceptance.ts';
import type { Acceptance } from './acceptance.ts';

/**
 * Better Auth and the authorizer, behind a front in which an index never catches up: whatever is read from one is
 * empty. A lag of two seconds is the same to whoever comes within them, and this needs no waiting.
 */
let engine: TestEngine;
let secrets: TestSecretsManager;
let front: DynamodbFront;
let client: DynamoDBClient;
let tableName: string;
let world: Acceptance;
beforeAll(async () => {
  [engine, secrets] = await Promise.all([startTestEngine(), startSecretsManager()]);
  front = await startFront(engine.endpoint);
  front.change = (_, answer, asked) =>
    member(asked, 'IndexName') === undefined ? answer : { ...answer, Items: [], Count: 0, ScannedCount: 0 };
  client = engine.newClient(front.endpoint);
  const ring = { keys: [{ kid: 'only', k: identitySecret, signFrom: 0 }] };
  for (const name of ['better-auth', 'extension-token'])
    secrets.values.set(name, { value: JSON.stringify(ring), versionId: 'v1' });
});
afterAll(() => Promise.all([front.stop(), secrets.stop(), engine.stop()]));
beforeEach(async () => {
  tableName = await createIndexedTable();
  world = await accept(engine, client, tableName);
});

/** With an index, which the deployed table has not, for those who would ask it. */
async function createIndexedTable(): Promise<string> {
  const TableName = `test-${randomUUID()}`;
  const named = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
  await engine.client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [named('pk'), named('sk'), named('userId')],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byUser',
          KeySchema: [{ AttributeName: 'userId', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  return TableName;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** What the authorizer says, in a process that has nothing cached: an organization, or why not. */
async function decision(headers: Record<string, string>, cookie?: string): Promise<unknown> {
  const config = readConfig({
    STAGE: 'dev',
    BETTER_AUTH_URL: issuer,
    AUTH_TABLE_NAME: tableName,
    BETTER_AUTH_SECRET_ARN: 'better-auth',
    EXTENSION_TOKEN_SECRET_ARN: 'extension-token',
  });
  const manager = secrets.client();
  const decide = authorizer(
    rest,
    authority(config, { dynamodb: client, secretsManager: () => manager }, Date.now),
    Date.now,
    () => {},
  );
  const sent = { method: 'GET', path: '/v1/whoami', headers, ...(cookie === undefined ? {} : { cookie }) };
  const context = await decide(restEvent(sent)).then(
    (answer) => member(answer, 'context'),
    (error: Error) => error.message,
  );
  return member(context, 'organizationSlug') ?? member(context, 'reason') ?? context;
}

const sessionOnly = (cookie: string): string =>
  cookie.split('; ').find((pair) => pair.startsWith('better-auth-session=')) ?? '';

/** A user of `acme`, and their cookies. */
async function owner(browse: Browser): Promise<{ cookie: string; organizationId: string }> {
  const cookie = sessionOnly(cookieOf(await join(browse, 'anna')));
  return { cookie, organizationId: textOf(await found(browse, 'acme'), 'id') };
}

describe('behind an index that lags', () => {
  test('(control: who asks the index does not see what was just written)', async () => {
    await join(world.newBrowser(), 'anna');
    const all = await world.store.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'user.email#anna@example.com' } },
      }),
    );
    const userId = all.Items?.[0]?.['refPk']?.S?.replace('user#', '') ?? '';
    const sessions = (through: DynamoDBClient) =>
      through.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: 'byUser',
          KeyConditionExpression: 'userId = :user',
          ExpressionAttributeValues: { ':user': { S: userId } },
        }),
      );
    expect((await sessions(engine.client)).Count).toBeGreaterThan(0);
    expect((await sessions(client)).Count).toBe(0);
    front.operations.length = 0;
    front.bodies.length = 0;
  });

  test('who signs up is in, may sign in elsewhere, and a copy of the cookie dies with the sign-out', async () => {
    const browse = world.newBrowser();
    const cookie = cookieOf(await join(browse, 'anna'));
    expect(await whoIs(browse)).toBe('anna@example.com');
    const elsewhere = world.newBrowser();
    expect((await enter(elsewhere, 'anna')).status).toBe(200);
    expect((await browse('/sign-out', {})).status).toBe(200);
    expect(await whoIs(world.newBrowser(), cookie)).toBeUndefined();
    expect(await decision({}, sessionOnly(cookie))).toBe('Unauthorized');
    expect(await whoIs(elsewhere)).toBe('anna@example.com');
  });

  test('a password reset ends every older session, the one that began a moment ago included', async () => {
    const [first, second] = [world.newBrowser(), world.newBrowser()];
    const { cookie } = await owner(first);
    await first('/request-password-reset', { email: 'anna@example.com', redirectTo: issuer });
    const late = cookieOf(await enter(second, 'anna'));
    expect(await decision({}, sessionOnly(late))).toBe('acme');
    const reset = { token: world.resetToken(), newPassword: 'battery staple' };
    expect((await first('/reset-password', reset)).status).toBe(200);
    for (const each of [cookie, late]) {
      expect(await whoIs(world.newBrowser(), each)).toBeUndefined();
      expect(await decision({}, sessionOnly(each))).toBe('Unauthorized');
    }
    expect((await enter(world.newBrowser(), 'anna')).status).toBe(401);
    expect((await enter(world.newBrowser(), 'anna', 'battery staple')).status).toBe(200);
  });

  test('who ends all sessions, or all others, has ended those that began a moment ago', async () => {
    const [first, second, third] = [world.newBrowser(), world.newBrowser(), world.newBrowser()];
    await join(first, 'anna');
    const other = cookieOf(await enter(second, 'anna'));
    await first('/revoke-other-sessions', {});
    expect(await whoIs(second, other)).toBeUndefined();
    const another = cookieOf(await enter(third, 'anna'));
    await first('/revoke-sessions', {});
    for (const browse of [first, third]) expect(await whoIs(browse)).toBeUndefined();
    expect(await decision({}, sessionOnly(another))).toBe('Unauthorized');
  });

  test('a key works once it is made, is listed, and does not work once it is deleted', async () => {
    const browse = world.newBrowser();
    await owner(browse);
    const created = await browse('/api-key/create', { name: 'key' });
    const presented = { 'x-api-key': textOf(created, 'key') };
    expect(await decision(presented)).toBe('acme');
    expect(await listed(browse, '/api-key/list')).toHaveLength(1);
    expect((await browse('/api-key/delete', { keyId: textOf(created, 'id') })).status).toBe(200);
    expect(await decision(presented)).toBe('Unauthorized');
    expect(await listed(browse, '/api-key/list')).toEqual([]);
  });

  test('who accepts an invitation is a member, and nobody is once the organization is deleted', async () => {
    const [browse, guest] = [world.newBrowser(), world.newBrowser()];
    const { cookie, organizationId } = await owner(browse);
    const joined = sessionOnly(cookieOf(await join(guest, 'guest')));
    const invitationId = await invite(browse, organizationId, 'guest');
    expect((await guest('/organization/accept-invitation', { invitationId })).status).toBe(200);
    expect(await listed(browse, '/organization/list-members?organizationSlug=acme')).toHaveLength(2);
    for (const each of [cookie, joined]) expect(await decision({ 'x-tenant-id': 'acme' }, each)).toBe('acme');
    expect((await browse('/organization/delete', { organizationId })).status).toBe(200);
    for (const each of [cookie, joined])
      expect(await decision({ 'x-tenant-id': 'acme' }, each)).toBe('organization_forbidden');
    expect(await listed(guest, '/organization/list')).toEqual([]);
    expect((await found(guest, 'acme')).status).toBe(200);
  });
});

test('in all of that there was no scan, no index, and no read that was not strongly consistent', () => {
  const READS = new Set(['GetItem', 'BatchGetItem', 'Query']);
  expect(new Set(front.operations)).toEqual(new Set([...READS, 'TransactWriteItems', 'UpdateItem']));
  expect(front.operations.length).toBeGreaterThan(100);
  for (const [index, operation] of front.operations.entries()) {
    const body = front.bodies[index];
    expect(member(body, 'IndexName')).toBeUndefined();
    if (!READS.has(operation)) continue;
    const asked = operation === 'BatchGetItem' ? member(member(body, 'RequestItems'), tableOf(body)) : body;
    expect(member(asked, 'ConsistentRead')).toBe(true);
  }
});

const tableOf = (body: unknown): string => Object.keys(Object(member(body, 'RequestItems')))[0] ?? '';
