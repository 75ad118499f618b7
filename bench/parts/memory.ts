import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { number, type Table } from '../table.ts';
import { power } from './growing-keys.ts';

const Report = v.object({ presented: v.number(), heap: v.number() });

/** From here on every cache is full. */
const few = 10_000;

export const memory: Part = {
  name: 'memory',
  title: 'heap after garbage collection, when ever more distinct extension tokens are presented',
  async run({ credentials }, progress) {
    const counts = [few, ...steps(credentials)];
    const child = fork(join(import.meta.dirname, '..', 'memory', 'process.ts'), counts.map(String), {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const reports: v.InferOutput<typeof Report>[] = [];
    child.on('message', (message) => {
      const report = v.parse(Report, message);
      reports.push(report);
      progress(`${report.presented.toLocaleString('en-US')} presented`);
    });
    const [code] = await once(child, 'exit');
    if (code !== 0 || reports.length !== counts.length)
      throw new Error('Not all credentials were presented.');
    const heaps = reports.map(({ presented, heap }): Figure => ({
      name: `heap after ${presented.toLocaleString('en-US')} distinct credentials`,
      value: heap / mega,
      unit: 'MB',
    }));
    const grown: Figure = {
      name: `heap growth, 10⁴ → ${power(credentials)} distinct credentials`,
      value: ((reports.at(-1)?.heap ?? Number.NaN) - (reports[0]?.heap ?? Number.NaN)) / mega,
      unit: 'MB',
    };
    return { figures: [...heaps, grown], table: tableOf([...heaps, grown]) };
  },
};

const mega = 1e6;

/** Doubling, up to the most. */
function steps(most: number): readonly number[] {
  const counts: number[] = [];
  for (let count = few * 2; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

const tableOf = (figures: readonly Figure[]): Table => ({
  head: ['', 'MB'],
  rows: figures.map(({ name, value }) => [name, number(value)]),
});
