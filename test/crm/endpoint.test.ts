import { describe, expect, test } from '@jest/globals';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { Fault } from '../../lambda/core/fault.ts';
import { endpoint } from '../../lambda/http/endpoint.ts';
import { recordsEndpoint } from '../../lambda/crm/records-endpoint.ts';
import { recordsStore } from '../../lambda/crm/records-store.ts';
import { errorStatus, refuse, type ErrorName } from '../../lambda/http/refusal.ts';
import { served } from '../../lambda/http/served.ts';
import { whoamiEndpoint } from '../../lambda/crm/whoami-endpoint.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import type { Log } from '../../lambda/runtime/log.ts';
import { call, callerContext, httpEvent, reply } from '../support/endpoint-call.ts';
import { startTestEngine } from '../support/engine.ts';

const trusted = compileOrigins(['https://crm.example.com']);
const quiet: Log = () => undefined;
const whoami = { method: 'GET', route: '/v1/whoami' };
const context = callerContext();

describe('whoami', () => {
  test('is the context as one flat object, its numbers as numbers', async () => {
    const { status, body, headers } = await call(whoamiEndpoint({ trusted, log: quiet }), {
      ...whoami,
      context,
    });
    expect(status).toBe(200);
    expect(body).toEqual({ ...context, expiresAt: 1_900_000_000 });
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store', Vary: 'Origin' });
  });

  test('is the same behind an HTTP API', async () => {
    const handler = whoamiEndpoint({ trusted, log: quiet });
    expect((await reply(handler, httpEvent({ ...whoami, context }))).body).toEqual(context);
  });
});

describe('every endpoint', () => {
  test.each(Object.entries(errorStatus))('says %s with status %i in one shape', async (name, status) => {
    const error = Object.keys(errorStatus).find((each): each is ErrorName => each === name) ?? 'unavailable';
    const handler = endpoint('whoami', async () => refuse(error, 'In words.'), { trusted, log: quiet });
    const answer = await call(handler, { ...whoami, context });
    expect(answer).toMatchObject({
      status,
      body: { error, message: 'In words.', requestId: 'request-1' },
      headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    });
    expect(Object.keys(Object(answer.body)).toSorted()).toEqual(['error', 'message', 'requestId']);
  });

  test('without an authorizer context answers 503, and serves nothing', async () => {
    const lines: unknown[] = [];
    const handler = endpoint(
      'whoami',
      async () => {
        throw new Error('served');
      },
      { trusted, log: (line) => lines.push(line) },
    );
    const { status, body } = await call(handler, whoami);
    expect([status, body]).toEqual([503, expect.objectContaining({ error: 'unavailable' })]);
    expect(lines).toEqual([
      expect.objectContaining({ kind: 'event', message: expect.stringContaining('context') }),
    ]);
  });

  test('that fails answers 503 with Retry-After, and neither answer nor log quotes the cause', async () => {
    const secret = 'p4ss-in-a-cause';
    const causes = [
      new Error(secret),
      new TypeError(secret),
      new Fault('store', 'No answer', { cause: new Error(secret) }),
    ];
    for (const cause of causes) {
      const lines: unknown[] = [];
      const handler = endpoint(
        'whoami',
        async () => {
          throw cause;
        },
        { trusted, log: (line) => lines.push(line) },
      );
      const answer = await call(handler, { ...whoami, context });
      expect([answer.status, answer.headers['Retry-After']]).toEqual([503, '1']);
      expect(lines).toHaveLength(1);
      expect(JSON.stringify([answer, lines])).not.toContain(secret);
    }
  });

  test('whose store is down answers 503', async () => {
    const engine = await startTestEngine();
    const client = engine.newClient();
    await engine.stop();
    const lines: unknown[] = [];
    const store = recordsStore(
      client,
      'none',
      breaker('store', 'DynamoDB', () => 0),
    );
    const handler = recordsEndpoint({ store, trusted, log: (line) => lines.push(line) });
    for (const method of ['GET', 'POST']) {
      const request = {
        method,
        route: '/v1/records/{entity}',
        parameters: { entity: 'contact' },
        body: { a: 1 },
      };
      expect((await call(handler, { ...request, context })).status).toBe(503);
    }
    expect(lines).toEqual([
      expect.objectContaining({ event: 'fault', kind: 'store', requestId: 'request-1' }),
      expect.objectContaining({ event: 'fault', kind: 'store', requestId: 'request-1' }),
    ]);
  });

  test('whose configuration cannot be read answers 503, and is composed again at the next event', async () => {
    let attempts = 0;
    const handler = served(() => {
      attempts += 1;
      if (attempts === 1) throw new Fault('configuration', 'STAGE must be set');
      return whoamiEndpoint({ trusted, log: quiet });
    }, quiet);
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await call(handler, { ...whoami, context })).status);
    expect([statuses, attempts]).toEqual([[503, 200, 200], 2]);
  });
});
