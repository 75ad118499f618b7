import { fileURLToPath } from 'node:url';
import { serveConsole } from './console.ts';
import { seedDemo } from './demo.ts';
import type { Demo } from './demo.ts';
import type { StackDescription } from './description.ts';
import { EngineError } from './engine.ts';
import { serveExtension } from './extension.ts';
import { readSettings, usage } from './settings.ts';
import type { Settings } from './settings.ts';
import { curlLines, showSamples } from './show-samples.ts';
import { startStack } from './stack.ts';
import type { LocalStack } from './stack.ts';
import { StackError } from './stack-error.ts';
import { writeStackFile } from './stack-file.ts';

const directory = fileURLToPath(new URL('../.local', import.meta.url));
const began = performance.now();
const say = (line: string): void =>
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${line}`);

async function run(settings: Settings, interrupted: Promise<string>, signal: AbortSignal): Promise<void> {
  const stack = await startStack({ ...settings, directory, signal, onProgress: say });
  try {
    const demo = settings.demo ? await prepareDemo(stack, settings) : undefined;
    serveConsole(stack, demo);
    serveExtension(stack);
    if (demo && !signal.aborted) {
      console.log(
        `\n${await showSamples(stack.urls, demo, stack.decisions)}\n\n${curlLines(stack.urls, demo)}\n`,
      );
    }
    writeStackFile(directory, stack.urls, demo);
    say(readyLine(stack.urls));
    say(`stopping (${await interrupted})`);
  } finally {
    await stack.stop();
  }
}

const readyLine = ({ rest, http, websocket, console: page }: StackDescription): string =>
  [
    `ready: REST API ${rest}`,
    ...(http === undefined ? [] : [`HTTP API ${http}`]),
    ...(websocket === undefined ? [] : [`WebSocket API ${websocket}`]),
    `console ${page}`,
    'Ctrl-C stops it',
  ].join(' · ');

function prepareDemo(stack: LocalStack, settings: Settings): Promise<Demo> {
  say('making demo data through the public API');
  const { rest, extension } = stack.urls;
  const origin = new URL(settings.functions['BETTER_AUTH_URL'] ?? rest).origin;
  return seedDemo({ rest, origin, extension, directory });
}

/** Ctrl-C or a termination: the first asks to stop, a second one does not wait any longer. */
function onInterrupt(): { interrupted: Promise<string>; signal: AbortSignal } {
  const abort = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (abort.signal.aborted) process.exit(1);
      abort.abort();
      resolve(name);
    });
  }
  return { interrupted: promise, signal: abort.signal };
}

async function main(): Promise<number> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    console.log(usage);
    return 0;
  }
  const { interrupted, signal } = onInterrupt();
  try {
    await run(readSettings(process.env), interrupted, signal);
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    const expected = error instanceof StackError || error instanceof EngineError;
    console.error(expected ? `npm start: ${error.message}` : error);
    return 1;
  }
}

process.exitCode = await main();
