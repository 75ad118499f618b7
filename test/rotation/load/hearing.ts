import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { run } from '../../../bin/authctl/program.ts';
import { revocationKey, type Revocable } from '../../../lambda/store/keys.ts';
import type { Place } from './place.ts';

/** Who still answered as before a revocation, and for how long. */
export interface Hearing {
  /** @param sentAt epoch milliseconds: an answer is as old as its request, however busy the machine */
  readonly see: (where: string, accepted: boolean, sentAt: number) => void;
  /** Is it longer ago than every process may take to hear of it, and three seconds more? */
  readonly isOver: () => boolean;
  /** Is the bound over? */
  readonly isPastBound: () => boolean;
  readonly asked: () => number;
  /** Milliseconds from the writing of the revocation to the last request that was accepted, by who accepted it. */
  readonly lastAccepted: ReadonlyMap<string, number>;
  /** Epoch milliseconds at which the revocation was written. */
  readonly revokedAt: number;
  readonly flaws: readonly string[];
}

/** Milliseconds: the published bound on revocations. */
const bound = 5000;

/** Runs `authctl` on the stack of a place, and then watches who has heard of the revocation that it wrote. */
export async function revoke(
  place: Place,
  command: readonly string[],
  kind: Revocable,
  name: string,
): Promise<Hearing> {
  const exit = await run(command, {
    out: () => {},
    err: () => {},
    clock: Date.now,
    directory: place.directory,
    readInput: async () => '',
  });
  const flaws = exit === 0 ? [] : [`authctl ${command.join(' ')} ends with ${exit}`];
  const revokedAt = await writtenAt(place, kind, name);
  const lastAccepted = new Map<string, number>();
  let asked = 0;
  return {
    see(where, accepted, sentAt) {
      asked += 1;
      if (!accepted) return;
      const at = sentAt - revokedAt;
      lastAccepted.set(where, Math.max(at, lastAccepted.get(where) ?? 0));
      if (at > bound) flaws.push(`${where} still accepts after ${at} ms`);
    },
    isOver: () => Date.now() - revokedAt > bound + 3000,
    isPastBound: () => Date.now() - revokedAt > bound,
    asked: () => asked,
    lastAccepted,
    revokedAt,
    flaws,
  };
}

/** What the item itself says: a command goes on for a while after it has written it. */
async function writtenAt({ stack: { urls } }: Place, kind: Revocable, name: string): Promise<number> {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new DynamoDBClient({ endpoint: urls.dynamodb, region: urls.region, credentials });
  try {
    const Key = marshall(revocationKey(kind, name));
    const { Item = {} } = await client.send(new GetItemCommand({ TableName: urls.table, Key }));
    return Date.parse(String(unmarshall(Item)['revokedAt']));
  } finally {
    client.destroy();
  }
}
