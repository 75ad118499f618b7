import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle, usualBundle, type Bundle } from '../cold/bundle.ts';
import { coldStart, type ColdStart, type Handler } from '../cold/process.ts';
import { coldEvents, callsOf } from '../cold/events.ts';
import { figureOf, type Figure } from '../figure.ts';
import type { Part } from '../part.ts';
import { shuffled } from '../statistics.ts';
import { number, type Table } from '../table.ts';
import { isAllow } from '../world/answering.ts';
import { environment, sdkEnvironment } from '../world/place.ts';
import { startWorld, type World } from '../world/world.ts';

/** A process takes a tenth of a second: of these, as many rounds say enough. */
const mostRounds = 50;
const entry = 'lambda/authorizer/handler.ts';

export const cold: Part = {
  name: 'cold',
  title: 'load and first answer in a fresh process, and the size of the bundle',
  async run({ rounds }, progress) {
    const world = await startWorld();
    const directory = await mkdtemp(join(tmpdir(), 'crm-authorizer-bench-'));
    try {
      const handlers = await handlersOf(world, directory);
      progress(`${handlers.length} handlers, ${Math.min(rounds, mostRounds)} rounds of fresh processes`);
      const starts = await takeTurns(handlers, Math.min(rounds, mostRounds));
      const timed = [...starts].flatMap(([name, measured]) => figuresOf(name, measured));
      return { figures: [...timed, ...sizes()], table: tableOf(timed, sizes()) };
    } finally {
      await rm(directory, { recursive: true });
      await world.stop();
    }
  },
};

interface Named extends Handler {
  readonly called: string;
  /** Must the answer allow? What only makes calls answers nothing. */
  readonly decides: boolean;
}

async function handlersOf(world: World, directory: string): Promise<readonly Named[]> {
  const write = async (name: string, { code }: Bundle): Promise<string> => {
    const file = join(directory, `${name}.cjs`);
    await writeFile(file, code);
    return file;
  };
  const ours = await write('authorizer', bundle(entry));
  const clients = await write('clients', usualBundle('bench/cold/clients.ts'));
  const clientsAsOurs = await write('clients-as-ours', bundle('bench/cold/clients.ts'));
  const blank = await write('blank', bundle('bench/cold/blank.ts'));
  const variables = {
    ...environment,
    ...sdkEnvironment,
    AUTH_TABLE_NAME: world.table,
    AWS_ENDPOINT_URL_DYNAMODB: world.endpoints.dynamodb,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: world.endpoints.secretsManager,
  };
  const common = { environment: variables, decides: false };
  const handlers: Named[] = [{ ...common, called: 'blank handler', file: blank, name: 'handler', event: {} }];
  for (const [kind, event] of Object.entries(await coldEvents(world))) {
    const calls = await callsOf(world, event);
    handlers.push(
      { ...common, called: `two clients, calls of: ${kind}`, file: clients, name: 'handler', event: calls },
      {
        ...common,
        called: `the same, bundled as ours: ${kind}`,
        file: clientsAsOurs,
        name: 'handler',
        event: calls,
      },
    );
    handlers.push({
      ...common,
      called: `authorizer: ${kind}`,
      file: ours,
      name: 'rest',
      event,
      decides: true,
    });
  }
  return handlers;
}

/** @throws when the authorizer refused: a refusal is made sooner */
async function takeTurns(
  handlers: readonly Named[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly ColdStart[]>> {
  const starts = new Map<string, ColdStart[]>(handlers.map(({ called }) => [called, []]));
  // The first round fills the caches of the operating system.
  for (let round = -1; round < rounds; round += 1) {
    for (const handler of shuffled(handlers)) {
      const start = await coldStart(handler);
      if (handler.decides && !isAllow(start.answer)) throw new Error(`${handler.called}: refused.`);
      if (round >= 0) starts.get(handler.called)?.push(start);
    }
  }
  return starts;
}

const figuresOf = (name: string, starts: readonly ColdStart[]): readonly Figure[] => [
  figureOf(
    `${name}: load`,
    'ms',
    starts.map(({ load }) => load),
  ),
  figureOf(
    `${name}: first answer`,
    'ms',
    starts.map(({ first }) => first),
  ),
  figureOf(
    `${name}: load + first answer`,
    'ms',
    starts.map(({ load, first }) => load + first),
  ),
  figureOf(
    `${name}: memory`,
    'MB',
    starts.map(({ rss }) => rss / 1e6),
  ),
];

function sizes(): readonly Figure[] {
  const { code, inputs } = bundle(entry);
  const heavy = inputs.filter((path) =>
    /node_modules\/(?:better-auth|@better-auth|better-call|zod)\//.test(path),
  );
  return [
    { name: 'authorizer: bundle, minified', value: code.length, unit: 'bytes' },
    { name: 'authorizer: bundle, gzip', value: gzipSync(code).length, unit: 'bytes' },
    { name: 'authorizer: files of Better Auth or zod in the bundle', value: heavy.length, unit: 'files' },
  ];
}

const tableOf = (timed: readonly Figure[], others: readonly Figure[]): Table => ({
  head: ['', 'median', 'middle half', 'unit'],
  rows: [...timed, ...others].map(({ name, value, quartiles, unit }) => [
    name,
    number(value),
    quartiles?.map(number).join(' – ') ?? '',
    unit,
  ]),
});
