import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import { isObject, parseJson } from './json.ts';
import { StackError } from './stack-error.ts';

const Holder = v.object({ pid: v.number(), port: v.number() });

const fileIn = (directory: string): string => join(directory, 'lock');

/**
 * Refuses a second start before it does anything, so that it says so and not that a port is taken.
 *
 * @throws {StackError} when another stack holds the directory
 */
export async function refuseSecondStart(directory: string): Promise<void> {
  const file = fileIn(directory);
  const holder = v.safeParse(Holder, existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined);
  if (!holder.success || !isAlive(holder.output.pid) || !(await answers(holder.output.port))) return;
  const { pid } = holder.output;
  throw new StackError(
    `the local stack is already running (process ${pid}): use it, or stop it with Ctrl-C first`,
  );
}

/**
 * Keeps two stacks from sharing one data directory. A lock is held while its process lives **and** its first
 * port answers: after a crash its process id may belong to any other program.
 *
 * @param port the first port of the stack, already open
 * @returns what gives the lock back
 * @throws {StackError} when another stack holds it
 */
export async function lockDirectory(directory: string, port: number): Promise<() => void> {
  mkdirSync(directory, { recursive: true });
  const file = fileIn(directory);
  const mine = JSON.stringify({ pid: process.pid, port });
  if (!create(file, mine)) {
    await refuseSecondStart(directory);
    // A crashed stack left it behind.
    rmSync(file, { force: true });
    if (!create(file, mine)) throw new StackError('another local stack is starting right now: wait for it');
  }
  return () => rmSync(file, { force: true });
}

/** False when the file is there already: of two that start at once, one gets it. */
function create(file: string, content: string): boolean {
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    writeSync(descriptor, content);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return codeOf(error) === 'EPERM';
  }
}

const codeOf = (error: unknown): unknown => (isObject(error) ? error['code'] : undefined);

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1000 });
    const done = (reached: boolean): void => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false));
  });
