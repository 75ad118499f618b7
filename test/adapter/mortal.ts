import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TestEngine } from '../support/engine.ts';

export interface Mortal {
  readonly client: DynamoDBClient;
  /** Once so many more writes have arrived. */
  readonly dieAfter: (writes: number) => void;
  /** @returns whether it had died */
  readonly revive: () => boolean;
}

/** A process that dies once so many writes have arrived: nothing it sends after that does, until it is started again. */
export function mortal(engine: TestEngine): Mortal {
  const client = engine.newClient();
  let left = Infinity;
  let dead = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const isWrite = /^(?:Update|Put|Delete|Transact|BatchWrite)/.test(String(context['commandName']));
      dead ||= isWrite && left === 0;
      if (dead) throw new Error('killed');
      if (isWrite) left -= 1;
      return next(args);
    },
    { step: 'initialize' },
  );
  return {
    client,
    dieAfter: (writes) => (left = writes),
    revive: () => {
      const died = dead;
      [left, dead] = [Infinity, false];
      return died;
    },
  };
}
