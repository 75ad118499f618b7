import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../cold/bundle.ts';
import { coldEvents } from '../cold/events.ts';
import { coldStart, type ColdStart, type Handler } from '../cold/process.ts';
import { processorShare } from '../cold/processor-share.ts';
import { figureOf, type Figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { number, type Table } from '../table.ts';
import { isAllow } from '../world/answering.ts';
import { environment, sdkEnvironment } from '../world/place.ts';
import { startWorld, type World } from '../world/world.ts';

/** Megabytes that a function may be given; between them its processor grows in proportion. */
const settings = [256, 512, 1024, 1769, 3008];

/** Megabytes with which a function has one whole processor (AWS Lambda developer guide, "Configure function memory"). */
const wholeProcessor = 1769;

const mostRounds = 15;

/** What a function of each memory setting takes to load and to answer for the first time, and what that costs. */
export const memorySetting: Part = {
  name: 'setting',
  title:
    'the same with the share of a processor that each memory setting gives (Linux, as root; only if named)',
  async run({ rounds }, progress) {
    const world = await startWorld();
    const directory = await mkdtemp(join(tmpdir(), 'crm-authorizer-bench-'));
    try {
      const file = join(directory, 'authorizer.cjs');
      await writeFile(file, bundle('lambda/authorizer/handler.ts').code);
      const events = Object.values(await coldEvents(world));
      const figures: Figure[] = [];
      for (const megabytes of settings) {
        progress(
          `${megabytes} MB: ${events.length} credentials, ${Math.min(rounds, mostRounds)} fresh processes each`,
        );
        const handlers = events.map((event) => handlerOf(world, file, event));
        figures.push(
          ...figuresOf(megabytes, await startsWith(megabytes, handlers, Math.min(rounds, mostRounds))),
        );
      }
      return { figures, table: tableOf(figures) };
    } finally {
      await rm(directory, { recursive: true });
      await world.stop();
    }
  },
};

const handlerOf = ({ table, endpoints }: World, file: string, event: unknown): Handler => ({
  file,
  name: 'rest',
  event,
  environment: {
    ...environment,
    ...sdkEnvironment,
    AUTH_TABLE_NAME: table,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
  },
});

/** @throws when the authorizer refused: a refusal is made sooner */
async function startsWith(
  megabytes: number,
  handlers: readonly Handler[],
  rounds: number,
): Promise<readonly ColdStart[]> {
  const share = processorShare(megabytes / wholeProcessor);
  const starts: ColdStart[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const handler of handlers) {
        const start = await coldStart({ ...handler, procs: share.procs });
        if (!isAllow(start.answer)) throw new Error(`${megabytes} MB: refused.`);
        starts.push(start);
      }
    }
  } finally {
    share.end();
  }
  return starts;
}

/** A function is billed by its memory and its time together, the loading included. */
const figuresOf = (megabytes: number, starts: readonly ColdStart[]): readonly Figure[] => [
  figureOf(
    `${megabytes} MB: load`,
    'ms',
    starts.map(({ load }) => load),
  ),
  figureOf(
    `${megabytes} MB: first answer`,
    'ms',
    starts.map(({ first }) => first),
  ),
  figureOf(
    `${megabytes} MB: billed for both`,
    'MB·s',
    starts.map(({ load, first }) => ((load + first) * megabytes) / 1000),
  ),
];

const tableOf = (figures: readonly Figure[]): Table => ({
  head: ['', 'median', 'middle half', 'unit'],
  rows: figures.map(({ name, value, quartiles, unit }) => [
    name,
    number(value),
    quartiles?.map(number).join(' – ') ?? '',
    unit,
  ]),
});
