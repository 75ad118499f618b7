import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { attempt, type Attempt } from '../docs/attempt.ts';
import type { Kind, Violation } from '../docs/violations.ts';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { start } from '../support/clock.ts';
import { decided, patientProcess } from '../support/patient.ts';
import { acme, extension } from '../support/world.ts';

/** Milliseconds: FACTS_TTL_SECONDS. */
const bound = 15_000;

let world: TestAuthorizer;
/** A process that has let somebody in, and so remembers. */
let warm: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.clock.advance(start - world.clock());
  warm = patientProcess(world);
});

interface Somebody extends Attempt {
  readonly is: (by?: MeteredAuthority) => Promise<string>;
}

async function somebody(kind: Kind, given: Violation = {}): Promise<Somebody> {
  const made = attempt(kind, given);
  if (made.rows.length > 0) await put(world.engine.client, world.table, made.rows);
  return { ...made, is: (by = warm) => decided(by, world, made.sent) };
}

type RowKey = Readonly<Record<'pk' | 'sk', string>>;

const rowOf = ({ rows }: Attempt, model: string): RowKey => {
  const row = rows.find(({ pk }) => pk.startsWith(model));
  if (!row) throw new Error(`No row of ${model}`);
  return { pk: row.pk, sk: row.sk };
};

const remove = ({ pk, sk }: RowKey) =>
  world.engine.client.send(new DeleteItemCommand({ TableName: world.table, Key: marshall({ pk, sk }) }));

const change = ({ pk, sk }: RowKey, name: string, value: unknown) =>
  world.engine.client.send(
    new UpdateItemCommand({
      TableName: world.table,
      Key: marshall({ pk, sk }),
      ConditionExpression: 'attribute_exists(pk)',
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: marshall({ ':value': value }),
    }),
  );

/** What was lost is lost for a new process at once, for a warm one after the bound at the latest. */
async function expectLoss(who: Somebody, loss: () => Promise<unknown>, reason: string): Promise<void> {
  expect(await who.is()).toBe('allow');
  await loss();
  expect(await who.is(patientProcess(world))).toBe(reason);
  world.clock.advance(bound);
  expect(await who.is()).toBe(reason);
}

const records: Violation = {
  request: { method: 'GET', path: '/v1/records/contact', resource: '/v1/records/{entity}' },
};
const action: Violation = { request: { method: 'POST', path: '/api/actions/execute' } };

describe.each([
  ['API key', 'api_key', records, 'organization_missing', 'credential_unknown'],
  ['session', 'session', records, 'organization_forbidden', 'credential_unknown'],
  ['extension token', 'extension_token', action, 'organization_forbidden', 'organization_forbidden'],
] as const)('by %s,', (_, kind, request, left, deleted) => {
  test('who leaves the organization loses it within the facts bound', async () => {
    const who = await somebody(kind, request);
    await expectLoss(who, () => remove(rowOf(who, 'member.')), left);
  });

  test('who is demoted keeps nothing of the role within the facts bound', async () => {
    const who = await somebody(kind, request);
    await expectLoss(who, () => change(rowOf(who, 'member.'), 'role', 'auditor'), 'scope_insufficient');
  });

  test('who is deleted, with all that a user has, is nobody within the facts bound', async () => {
    const who = await somebody(kind, request);
    await expectLoss(who, () => Promise.all(who.rows.map(remove)), deleted);
  });
});

test('a key without limits that is disabled, by its owner or by an operator, is refused within the facts bound', async () => {
  for (const [name, value] of [
    ['enabled', false],
    ['disabledByOperator', true],
  ] as const) {
    const who = await somebody('api_key');
    await expectLoss(who, () => change(rowOf(who, 'apikey#'), name, value), 'credential_disabled');
  }
});

test('a key without limits that is narrowed is narrow within the facts bound', async () => {
  const narrowings = [
    ['permissions', '{"records":["write"]}', 'scope_insufficient'],
    ['allowedOrganizations', [], 'organization_forbidden'],
    ['allowedAddresses', ['198.51.100.7'], 'address_not_allowed'],
    ['notAfter', new Date(start).toISOString(), 'credential_expired'],
  ] as const;
  for (const [name, value, reason] of narrowings) {
    const who = await somebody('api_key', records);
    await expectLoss(who, () => change(rowOf(who, 'apikey#'), name, value), reason);
  }
});

test('a key with limits that is disabled, deleted or narrowed is refused at its very next use', async () => {
  const limited: Violation = { ...records, row: { remaining: 100 } };
  const changes = [
    ['enabled', false, 'credential_disabled'],
    ['disabledByOperator', true, 'credential_disabled'],
    ['notAfter', new Date(start).toISOString(), 'credential_expired'],
    ['permissions', '{"records":["write"]}', 'scope_insufficient'],
    ['allowedOrganizations', [], 'organization_forbidden'],
    ['allowedAddresses', ['198.51.100.7'], 'address_not_allowed'],
  ] as const;
  for (const [name, value, reason] of changes) {
    const who = await somebody('api_key', limited);
    expect([name, await who.is()]).toEqual([name, 'allow']);
    await change(rowOf(who, 'apikey#'), name, value);
    expect([name, await who.is()]).toEqual([name, reason]);
  }
  const deleted = await somebody('api_key', limited);
  expect(await deleted.is()).toBe('allow');
  await remove(rowOf(deleted, 'apikey#'));
  expect(await deleted.is()).toBe('credential_unknown');
});

test('a session that is deleted is refused within the facts bound, and so is one that was ended early', async () => {
  const deleted = await somebody('session');
  await expectLoss(deleted, () => remove(rowOf(deleted, 'session#')), 'credential_unknown');
  const ended = await somebody('session');
  const now = new Date(world.clock()).toISOString();
  await expectLoss(ended, () => change(rowOf(ended, 'session#'), 'expiresAt', now), 'credential_expired');
});

describe('an installation', () => {
  const key: RowKey = { pk: `installation#${acme.id}`, sk: extension };

  test('that is disabled ends its tokens within the facts bound', async () => {
    const who = await somebody('extension_token');
    await expectLoss(who, () => change(key, 'enabled', false), 'installation_inactive');
    await change(key, 'enabled', true);
  });

  test('that is granted less gives its tokens less within the facts bound', async () => {
    const who = await somebody('extension_token', action);
    await expectLoss(who, () => change(key, 'scopes', ['records:read']), 'scope_insufficient');
  });

  test('that is removed ends its tokens within the facts bound', async () => {
    const who = await somebody('extension_token');
    await expectLoss(who, () => remove(key), 'installation_inactive');
  });
});

test('a renamed organization is known by its new slug at once, and by its old one for the bound at most', async () => {
  const organization = { id: 'OrgRenamed'.padEnd(32, '0'), slug: 'before' };
  const row = { pk: `organization#${organization.id}`, sk: '#' };
  const pointer = (slug: string) => ({
    pk: `organization.slug#${slug}`,
    sk: '#',
    refPk: row.pk,
    refSk: row.sk,
  });
  await put(world.engine.client, world.table, [
    { ...row, ...organization, name: 'Renamed', createdAt: new Date(start).toISOString() },
    pointer('before'),
  ]);
  const made = attempt('api_key', {});
  const member = { ...made.rows.find(({ pk }) => pk.startsWith('member.')), sk: organization.id };
  const rows = [...made.rows, { ...member, organizationId: organization.id }];
  await put(world.engine.client, world.table, rows);
  const named = (slug: string, by = warm) =>
    decided(by, world, { ...made.sent, headers: { ...made.sent.headers, 'X-Tenant-Id': slug } });

  expect([await named('before'), await named('after')]).toEqual(['allow', 'organization_forbidden']);
  await change(row, 'slug', 'after');
  await remove(pointer('before'));
  await put(world.engine.client, world.table, [pointer('after')]);
  expect(await named('after')).toBe('allow');
  expect(await named('before', patientProcess(world))).toBe('organization_forbidden');
  world.clock.advance(bound);
  expect([await named('before'), await named('after')]).toEqual(['organization_forbidden', 'allow']);
});
