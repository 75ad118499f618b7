import { DeleteItemCommand, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { apiKey } from '../support/api-key.ts';
import { put, type TestAuthorizer } from '../support/authorizer.ts';
import { acme, globex } from '../support/world.ts';
import { digest, iso } from '../support/world/place.ts';
import type { Database, Oracle, Row } from './better-auth.ts';
import type { KeyCase, KeyStep } from './key-case.ts';

/** One key in both stores: Better Auth's memory, and the identity table. */
export interface KeyLife {
  /** As its owner has it. */
  readonly key: string;
  readonly id: string;
  readonly ownerId: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number | null;
  change(change: NonNullable<KeyStep['change']>): Promise<void>;
  /** The row as Better Auth has it; absent when it, or the test, deleted it. */
  theirs(): Row | undefined;
  ours(): Promise<Row>;
}

let count = 0;

/** @param now epoch milliseconds */
export async function keyLife(
  given: KeyCase,
  oracle: Oracle,
  database: Database,
  world: TestAuthorizer,
  now: number,
): Promise<KeyLife> {
  count += 1;
  const userId = `UserOfKey${String(count).padStart(23, '0')}`;
  const isOrganizations = given.owner === 'organization';
  const ownerId = isOrganizations ? acme.id : userId;
  database['apikey']?.splice(0);
  const made = await madeKey(given.form, oracle);
  const expiresAt = given.limits.life === null ? null : now + 2 * given.limits.life + 1;
  const { life: _life, ...limits } = given.limits;
  Object.assign(made.row, limits, {
    key: digest(made.key),
    configId: isOrganizations ? 'organization' : made.row['configId'],
    referenceId: ownerId,
    permissions: given.permissions,
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  });

  const rowKey = { pk: `apikey#${digest(made.key)}`, sk: '#' };
  const { client } = world.engine;
  const item = { ...itemOf(made.row), ...guardOf(given, now), ...rowKey };
  await put(client, world.table, [item, ...besides(given, userId, now)]);
  const keyId = String(made.row['id']);
  const theirs = (): Row | undefined => database['apikey']?.find((row) => row['id'] === keyId);
  return {
    key: made.key,
    id: keyId,
    ownerId,
    expiresAt,
    theirs,
    async change(change) {
      const Key = marshall(rowKey);
      if (change === 'delete') {
        database['apikey']?.splice(0);
        await client.send(new DeleteItemCommand({ TableName: world.table, Key }));
        return;
      }
      const enabled = change === 'enable';
      const row = theirs();
      if (row) row['enabled'] = enabled;
      await client.send(
        new UpdateItemCommand({
          TableName: world.table,
          Key,
          ConditionExpression: 'attribute_exists(pk)',
          UpdateExpression: 'SET enabled = :enabled',
          ExpressionAttributeValues: { ':enabled': { BOOL: enabled } },
        }),
      );
    },
    async ours() {
      const command = new GetItemCommand({
        TableName: world.table,
        Key: marshall(rowKey),
        ConsistentRead: true,
      });
      return unmarshall((await client.send(command)).Item ?? {});
    },
  };
}

/** Every key has a row that Better Auth made; the text of some is of our own form. */
async function madeKey(form: KeyCase['form'], oracle: Oracle): Promise<{ key: string; row: Row }> {
  const made = await oracle.makeKey(
    form === 'short' ? 'short' : 'default',
    form === 'prefixed' ? 'shop_' : undefined,
  );
  if (form === 'ours') return { ...made, key: apiKey('live', `K${count}x`) };
  return form === 'other stage' ? { ...made, key: apiKey('test', `K${count}x`) } : made;
}

/** In the layout of the identity table: dates as ISO 8601, nothing for null. */
const itemOf = (row: Row): Row =>
  Object.fromEntries(
    Object.entries({ ...row, configId: row['configId'] === 'short' ? 'default' : row['configId'] })
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );

/** What an operator wrote beside what Better Auth knows. */
function guardOf({ guard }: KeyCase, now: number): Row {
  if (guard === 'disabledByOperator') return { disabledByOperator: true };
  if (guard === 'notAfter') return { notAfter: iso(now - 1) };
  if (guard === 'organizations') return { allowedOrganizations: [globex.id] };
  return guard === 'addresses' ? { allowedAddresses: ['198.51.100.0/24'] } : {};
}

/** The owner's membership, and the revocation of all that the owner has. */
function besides({ owner, guard }: KeyCase, userId: string, now: number): readonly Row[] {
  const member = {
    pk: `member.userId#${userId}`,
    sk: acme.id,
    id: `m${count}`,
    userId,
    organizationId: acme.id,
    role: owner,
    createdAt: iso(now),
  };
  const revocation = {
    pk: `revocation#user#${userId}`,
    sk: '#',
    minIssuedAt: Math.floor(now / 1000) + 1,
  };
  const isMember = owner !== 'nobody' && owner !== 'organization';
  return [...(isMember ? [member] : []), ...(guard === 'revoked' ? [revocation] : [])];
}
