import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { apiKey } from './api-key.ts';
import { put, type TestAuthorizer } from './authorizer.ts';
import { start } from './clock.ts';
import { decided, patientProcess } from './patient.ts';
import { alice } from './world.ts';
import { digest } from './world/place.ts';

/** A key of Alice's of its own, for one test. */
export interface TestKey {
  readonly key: string;
  readonly id: string;
  readonly rowKey: { readonly pk: string; readonly sk: string };
  /** Puts its row, with these attributes. */
  store(given: object): Promise<void>;
  stored(): Promise<Record<string, unknown>>;
  /** `allow`, or why one use is refused. @param by a process; a new one if none is given */
  use(by?: MeteredAuthority, sourceAddress?: string): Promise<string>;
}

let count = 0;

/** A date, in milliseconds from when every test begins. */
export const iso = (milliseconds: number): string => new Date(start + milliseconds).toISOString();

export const rate = (max: number, window: number) => ({
  rateLimitEnabled: true,
  rateLimitMax: max,
  rateLimitTimeWindow: window,
  requestCount: 0,
});

export function newKey(world: TestAuthorizer): TestKey {
  count += 1;
  const key = apiKey('live', `Use${count}x`);
  const id = `use-${count}`;
  const rowKey = { pk: `apikey#${digest(key)}`, sk: '#' };
  const { client } = world.engine;
  return {
    key,
    id,
    rowKey,
    store: (given) =>
      put(client, world.table, [
        { ...rowKey, id, configId: 'default', referenceId: alice, createdAt: iso(-1000), ...given },
      ]),
    async stored() {
      const command = new GetItemCommand({
        TableName: world.table,
        Key: marshall(rowKey),
        ConsistentRead: true,
      });
      return unmarshall((await client.send(command)).Item ?? {});
    },
    use: (by = patientProcess(world), sourceAddress = '192.0.2.7') =>
      decided(by, world, { headers: { 'x-api-key': key }, sourceAddress }),
  };
}
