import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Figure } from '../figure.ts';
import { drive, type Measured } from '../gateway/load.ts';
import type { Part } from '../part.ts';
import { quantile } from '../statistics.ts';
import { number, type Table } from '../table.ts';

const Place = v.object({
  rest: v.string(),
  apiKey: v.string(),
  cookie: v.string(),
  extensionToken: v.string(),
});

const concurrencies = [1, 10, 100];
/** Milliseconds of each load. */
const duration = 2000;

interface Run extends Measured {
  readonly name: string;
}

export const gateway: Part = {
  name: 'gateway',
  title: 'whole requests through the local gateway: GET /v1/whoami, answered by the endpoint behind it',
  async run(_options, progress) {
    progress('starting the local stack');
    const child = fork(join(import.meta.dirname, '..', 'gateway', 'stack.ts'), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    try {
      const place = await placeOf(child);
      const runs: Run[] = [];
      for (const [kind, headers] of Object.entries(headersOf(place))) {
        for (const concurrency of concurrencies) {
          progress(`${kind}, ${concurrency} at a time`);
          const load = { url: `${place.rest}/v1/whoami`, headers, concurrency };
          await drive({ ...load, duration: duration / 4 });
          runs.push({ name: `${kind}, ${concurrency} at a time`, ...(await drive({ ...load, duration })) });
        }
      }
      return { figures: runs.flatMap(figuresOf), table: tableOf(runs) };
    } finally {
      await stop(child);
    }
  },
};

/** @throws when the stack ends before it is ready */
async function placeOf(child: ChildProcess): Promise<v.InferOutput<typeof Place>> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('The local stack did not start.');
  });
  const [place]: unknown[] = await Promise.race([once(child, 'message'), ended]);
  // It ends later, when it is told to.
  ended.catch(() => undefined);
  return v.parse(Place, place);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exited;
}

const headersOf = ({ apiKey, cookie, extensionToken }: v.InferOutput<typeof Place>) => ({
  'API key': { 'x-api-key': apiKey },
  session: { Cookie: cookie },
  'extension token': { Authorization: `Bearer ${extensionToken}` },
});

const figuresOf = ({ name, latencies, perSecond }: Run): readonly Figure[] => [
  { name: `${name}: throughput`, value: perSecond, unit: 'requests/s' },
  { name: `${name}: p50`, value: quantile(latencies, 0.5), unit: 'ms' },
  { name: `${name}: p99`, value: quantile(latencies, 0.99), unit: 'ms' },
];

const tableOf = (runs: readonly Run[]): Table => ({
  head: ['', 'requests/s', 'p50 (ms)', 'p99 (ms)'],
  rows: runs.map((run) => [run.name, ...figuresOf(run).map(({ value }) => number(value))]),
});
