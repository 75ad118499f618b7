import { afterEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { engineBinary, startEngine } from '../../local/engine.ts';
import type { Engine } from '../../local/engine.ts';

const open: Engine[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((engine) => engine.stop()));
});

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** The port refuses within the time of the test; each failed attempt is one turn of the event loop. */
async function refusesAtLast(port: number): Promise<boolean> {
  while (await answers(port)) await new Promise(setImmediate);
  return true;
}

describe('the embedded engine', () => {
  test('listens when it is said to be started, and its port is free when it is stopped', async () => {
    const engine = await startEngine();
    expect(await answers(engine.port)).toBe(true);
    await engine.stop();
    expect(await answers(engine.port)).toBe(false);
    await engine.stop();
  });

  test('says in one line that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    await expect(startEngine({ port })).rejects.toThrow(
      /^the DynamoDB engine did not start: port \d+ is .*in use.*$/,
    );
    other.close();
  });

  test('says what to do on a platform without a binary', () => {
    expect(() => engineBinary('plan9', 'mips')).toThrow(/@dynoxide\/plan9-mips .*AWS_ENDPOINT_URL_DYNAMODB/);
  });

  test('ends when the process that started it is killed without warning', async () => {
    const script =
      "const { startEngine } = await import('./local/engine.ts');" +
      'const engine = await startEngine(); console.log(engine.port); setInterval(() => {}, 1e6);';
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    const port = Number(String(line));
    expect(await answers(port)).toBe(true);
    parent.kill('SIGKILL');
    expect(await refusesAtLast(port)).toBe(true);
  });

  test('does not keep the process that started it alive', async () => {
    const script =
      "const { startEngine } = await import('./local/engine.ts'); console.log((await startEngine()).port);";
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [[line], [code]] = await Promise.all([once(parent.stdout, 'data'), once(parent, 'exit')]);
    expect(code).toBe(0);
    expect(await refusesAtLast(Number(String(line)))).toBe(true);
  });
});
