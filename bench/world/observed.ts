import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** One request to DynamoDB. */
export interface ObservedRequest {
  /** `GetItemCommand`, … */
  readonly command: string;
  /** As it was given to the SDK. */
  readonly input: object;
  /** Milliseconds on this process's clock. */
  readonly begun: number;
  readonly ended: number;
  /** Capacity units, as the engine says. */
  readonly units: number;
}

export interface Observer {
  /** What was sent since the last time this was asked. */
  readonly take: () => readonly ObservedRequest[];
}

/** Watches what a client sends, and asks DynamoDB what each request consumed. */
export function observe(client: DynamoDBClient): Observer {
  let seen: ObservedRequest[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (given) => {
        const begun = performance.now();
        const asked = { ...given, input: { ...given.input, ReturnConsumedCapacity: 'TOTAL' as const } };
        const answer = await next(asked);
        seen.push({
          command: commandName ?? '',
          input: given.input,
          begun,
          ended: performance.now(),
          units: unitsOf(answer.output),
        });
        return answer;
      },
    { step: 'initialize', name: 'observe' },
  );
  return {
    take() {
      const taken = seen;
      seen = [];
      return taken;
    },
  };
}

/** `ConsumedCapacity` is one, or one for each table of a batch or a transaction. */
function unitsOf(output: object): number {
  const consumed: unknown = Reflect.get(output, 'ConsumedCapacity');
  return [consumed].flat().reduce<number>((sum, each) => {
    const units: unknown = typeof each === 'object' && each !== null ? Reflect.get(each, 'CapacityUnits') : 0;
    return sum + (typeof units === 'number' ? units : 0);
  }, 0);
}

/**
 * Requests that waited for another, one after the other: the most of them of which no two were under way at
 * once. (Of intervals, those that end first leave the most room: the greedy choice is the best one.)
 */
export function roundTrips(requests: readonly ObservedRequest[]): number {
  let free = Number.NEGATIVE_INFINITY;
  let count = 0;
  for (const { begun, ended } of [...requests].sort((a, b) => a.ended - b.ended)) {
    if (begun < free) continue;
    free = ended;
    count += 1;
  }
  return count;
}

/** The same requests in groups that may be sent at once, each group after the one before. */
export function waves(requests: readonly ObservedRequest[]): readonly (readonly ObservedRequest[])[] {
  const groups: ObservedRequest[][] = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const request of [...requests].sort((a, b) => a.begun - b.begun)) {
    const last = groups.at(-1);
    if (last === undefined || request.begun >= free) groups.push([request]);
    else last.push(request);
    free = last === undefined || request.begun >= free ? request.ended : Math.min(free, request.ended);
  }
  return groups;
}
