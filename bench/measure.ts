import { figureOf, type Figure } from './figure.ts';
import { shuffled } from './statistics.ts';

/** One thing to be timed. */
export interface Case {
  readonly name: string;
  /** Calls that are timed together and divided by their number: the clock is coarser than most of them. */
  readonly calls: number;
  /**
   * `cpu`: processor time of this process, all its threads, instead of time on the clock: what waits for an engine
   * then costs only what it takes to ask. @default clock
   */
  readonly by?: 'clock' | 'cpu';
  /** Makes what the next batch needs. Not timed. */
  readonly prepare?: () => Promise<void> | void;
  /** @param index of the call in its batch, from 0 */
  readonly run: (index: number) => unknown;
  /** Is this the answer that was to be timed? Asked of the first of a batch: a refusal is often faster. */
  readonly isRight?: (answer: unknown) => boolean;
}

/**
 * Median time of one call of each case, in microseconds. All cases take turns, in another order each round, so
 * that what the machine does meanwhile (other programs, heat, garbage) falls on all of them alike.
 */
export async function measure(cases: readonly Case[], rounds: number): Promise<readonly Figure[]> {
  const times = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  const warmUp = Math.max(2, Math.ceil(rounds / 4));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const each of shuffled(cases)) {
      await each.prepare?.();
      const time = await timeOf(each);
      if (round >= 0) times.get(each.name)?.push(time);
    }
  }
  return cases.map(({ name }) => figureOf(name, 'µs', times.get(name) ?? []));
}

/** Microseconds of one call, the mean of one batch. */
async function timeOf({ name, run, calls, isRight, by = 'clock' }: Case): Promise<number> {
  let first: unknown;
  const watch = by === 'cpu' ? cpuTime : clockTime;
  const begun = watch();
  for (let index = 0; index < calls; index += 1) {
    const answer = run(index);
    // What is not a promise is not awaited: that would cost a synchronous peer a turn it does not take.
    const settled = answer instanceof Promise ? await answer : answer;
    if (index === 0) first = settled;
  }
  const time = (watch() - begun) / calls;
  if (isRight && !isRight(first)) throw new Error(`${name}: answered otherwise than it should.`);
  return time;
}

/** Both in microseconds. */
const clockTime = (): number => performance.now() * 1000;
const cpuTime = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
