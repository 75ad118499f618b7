import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rotateKey } from '../../bin/authctl/keys/rotate.ts';
import { openOperator } from '../../bin/authctl/operator.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { newPerson, startOperations, type Person, type TestOperations } from '../support/authctl.ts';

let operations: TestOperations;
let alice: Person;
beforeAll(async () => {
  operations = await startOperations();
  alice = await newPerson(operations, 'alice');
});
afterAll(() => operations.stop());

async function made() {
  const { json } = await operations.authctl('keys', 'create', '--name', 'test', '--user', alice.email);
  return { id: String(json['id']), key: String(json['key']) };
}

/** An operator to whom something happens between reading a key and writing its successor. */
async function interrupted(meanwhile: () => Promise<unknown>) {
  const client = operations.engine.newClient();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName === TransactWriteItemsCommand.name && isRotation(args.input)) await meanwhile();
      return next(args);
    },
    { step: 'initialize' },
  );
  const environment = {
    STAGE: 'dev',
    BETTER_AUTH_URL: 'http://127.0.0.1:3000',
    AUTH_TABLE_NAME: operations.identity.tableName,
  };
  return openOperator(readConfig(environment), client, operations.clock);
}

/** Better Auth's adapter writes rows in transactions too. */
const isRotation = (input: object): boolean => JSON.stringify(input).includes('successorId');

test('a key that is revoked while it is being rotated gets no successor', async () => {
  const { id, key } = await made();
  const operator = await interrupted(() => operations.authctl('keys', 'revoke', id));
  const rows = (await operations.keyRows()).length;
  await expect(rotateKey(operator, id, 0)).rejects.toThrow('revoked');
  expect(await operations.keyRows()).toHaveLength(rows);
  expect(await operations.decide(key)).toMatchObject({ reason: 'credential_disabled' });
});

test('a key that is rotated while it is being rotated keeps its first successor', async () => {
  const { id } = await made();
  let first: unknown;
  const operator = await interrupted(async () => {
    first ??= (await operations.authctl('keys', 'rotate', id, '--grace', '1h')).json['id'];
  });
  const rows = (await operations.keyRows()).length;
  expect(await rotateKey(operator, id, 7_200_000)).toEqual({
    id: first,
    key: null,
    predecessor: { id, notAfter: new Date(operations.clock() + 3_600_000).toISOString() },
  });
  expect(await operations.keyRows()).toHaveLength(rows + 1);
});

test('a rotation that is cut off leaves the key as it was, and can be repeated', async () => {
  const { id, key } = await made();
  const operator = await interrupted(() => Promise.reject(new Error('cut')));
  await expect(rotateKey(operator, id, 0)).rejects.toThrow('cut');
  expect(await operations.decide(key)).toMatchObject({ effect: 'allow' });
  const { json } = await operations.authctl('keys', 'rotate', id);
  expect(await operations.decide(String(json['key']))).toMatchObject({ effect: 'allow' });
});
