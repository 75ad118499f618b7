import { byName, type Figure } from './figure.ts';
import { readOptions, UsageError, type Options } from './options.ts';
import type { Part } from './part.ts';
import { cold } from './parts/cold-start.ts';
import { decision } from './parts/decision.ts';
import { gateway } from './parts/gateway.ts';
import { growth } from './parts/growth.ts';
import { memory } from './parts/memory.ts';
import { memorySetting } from './parts/memory-setting.ts';
import { reads } from './parts/reads.ts';
import { plotsOf } from './plots.ts';
import { resultsOf, write } from './results.ts';
import { number, print } from './table.ts';
import { judge, type Target } from './targets.ts';
import { versions } from './versions.ts';

const parts: readonly Part[] = [decision, reads, cold, gateway, growth, memory];
/** Asked for by name alone: not every machine can. */
const apart: readonly Part[] = [memorySetting];

const usage = `Measures the authorizer beside its peers, in one run on this machine (docs/benchmarks.md).

  npm run bench -- [options]

  --only <part>        run one part; may be repeated. Nothing is written then: results are of whole runs.
${[...parts, ...apart].map(({ name, title }) => `                         ${name.padEnd(9)} ${title}`).join('\n')}
  --rounds <n>         rounds of each timed comparison (default 200)
  --keys <n>           most API keys in the table (default 100000)
  --credentials <n>    most distinct credentials presented to one process (default 100000)
  --help
`;

/** What is under way, for whoever waits; standard output has results alone. */
const began = performance.now();
const progress = (line: string): void =>
  console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`);

async function run(options: Options): Promise<void> {
  const chosen =
    options.only.length === 0
      ? parts
      : [...parts, ...apart].filter(({ name }) => options.only.includes(name));
  const figures = new Map<string, readonly Figure[]>();
  for (const part of chosen) {
    progress(`${part.name}: ${part.title}`);
    const result = await part.run(options, (line) => progress(`  ${line}`));
    figures.set(part.name, result.figures);
    console.log(`\n${part.name}: ${part.title}\n${print(result.table)}`);
  }
  const targets = judge(byName([...figures.values()].flat()), [...figures.keys()]);
  if (targets.length > 0) console.log(`\ntargets, each an upper bound\n${print(tableOf(targets))}`);
  console.log(`\n${versionLine()}`);
  if (options.only.length > 0) return;
  await write(resultsOf(options, figures, targets), plotsOf(figures));
  progress('written to bench/results');
}

const tableOf = (targets: readonly Target[]) => ({
  head: ['', 'at most', 'measured', 'unit', 'holds'],
  rows: targets.map(({ name, target, measured, unit, holds }) => [
    name,
    number(target),
    number(measured),
    unit,
    holds ? 'yes' : 'NO',
  ]),
});

const versionLine = (): string =>
  [
    `node ${process.version}`,
    ...Object.entries(versions()).map(([name, version]) => `${name} ${version}`),
  ].join(' · ');

async function main(): Promise<number> {
  try {
    const options = readOptions(
      process.argv.slice(2),
      [...parts, ...apart].map(({ name }) => name),
    );
    if (options.help) console.log(usage);
    else await run(options);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`npm run bench: ${error.message} (--help lists the options)`);
    return 2;
  }
}

process.exitCode = await main();
