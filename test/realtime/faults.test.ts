import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { presented, rows, startRealtime, type OpenConnection, type RealtimeWorld } from './world.ts';

let world: RealtimeWorld;
let connection: OpenConnection;
beforeEach(async () => {
  world = await startRealtime();
  connection = await world.open(presented.session);
});
afterEach(() => world.stop());

describe('while DynamoDB cannot answer', () => {
  test.each(['fail', 'hang', 'throttle'] as const)(
    '%s: nothing is sent, and nobody is thrown out',
    async (mode) => {
      world.front.mode = mode;
      await expect(connection.message()).rejects.toMatchObject({ name: 'Fault', kind: 'store' });
      expect(world.gateway.calls).toEqual([]);
      world.front.mode = 'pass';
      await connection.message();
      expect(world.gateway.calls).toHaveLength(1);
    },
  );

  test('what is known for less than 15 seconds is still told', async () => {
    await connection.message();
    world.front.mode = 'fail';
    await connection.message();
    expect(world.gateway.calls).toHaveLength(2);
  });
});

describe('while API Gateway', () => {
  test('says that the connection has gone, there is nothing to do: neither to send nor to close', async () => {
    world.gateway.mode = 'gone';
    expect(await connection.message()).toEqual({ statusCode: 200 });
    await world.remove(rows.session);
    world.clock.advance(15_000);
    expect(await connection.message()).toEqual({ statusCode: 200 });
    expect(world.lines.map(({ event }) => event)).toEqual(['connection_closed']);
  });

  test('does not know many connections, it is not taken to be down', async () => {
    world.gateway.mode = 'gone';
    for (let times = 0; times < 10; times += 1) await connection.message();
    world.gateway.mode = 'answer';
    await connection.message();
    expect(world.gateway.calls).toHaveLength(11);
  });

  test('fails, that is a fault in our own words', async () => {
    world.gateway.mode = 'fail';
    const error: unknown = await connection.message().catch((cause: unknown) => cause);
    expect(String(error)).toBe('Fault: API Gateway did not answer');
    expect(error).not.toHaveProperty('cause');
    expect(world.gateway.calls).toHaveLength(2);
  });

  test('hangs, that is a fault within three seconds', async () => {
    world.gateway.mode = 'hang';
    const before = performance.now();
    await expect(connection.message()).rejects.toMatchObject({ kind: 'gateway' });
    expect(performance.now() - before).toBeLessThan(3000);
  });
});

test('no line and no error holds anything that was presented', async () => {
  const token = await world.open(presented.extensionToken);
  world.front.mode = 'fail';
  const errors: unknown[] = [];
  for (const each of [connection, token]) await each.message().catch((cause: unknown) => errors.push(cause));
  world.front.mode = 'pass';
  await world.remove(rows.session);
  await world.remove(rows.installation);
  for (const each of [connection, token]) await each.message();
  expect(errors).toHaveLength(2);
  expect(world.gateway.calls).toEqual(['DELETE connection=1', 'DELETE connection=1']);
  const written = `${JSON.stringify(world.lines)} ${errors.map(String).join(' ')}`;
  expect(world.lines).toHaveLength(4);
  for (const secret of Object.values(presented).flatMap((headers) => Object.values(headers)))
    expect(written).not.toContain(secret.split(/[=, .]+/).at(-1));
});
