import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { actionsEndpoint } from '../../lambda/crm/actions-endpoint.ts';
import type { HttpHandler } from '../../lambda/crm/answer.ts';
import { endpoint } from '../../lambda/crm/endpoint.ts';
import { preflight } from '../../lambda/crm/preflight.ts';
import { recordsEndpoint } from '../../lambda/crm/records-endpoint.ts';
import { recordsStore } from '../../lambda/crm/records-store.ts';
import { errorStatus, refuse, type ErrorName } from '../../lambda/crm/refusal.ts';
import { served } from '../../lambda/crm/served.ts';
import { whoamiEndpoint } from '../../lambda/crm/whoami-endpoint.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { Fault } from '../../lambda/core/fault.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import type { Log } from '../../lambda/runtime/log.ts';
import { call, callerContext, httpEvent, reply, restEvent } from '../support/endpoint-call.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { createRecordsTable } from '../support/records-table.ts';

const trusted = compileOrigins(['https://crm.example.com', 'https://*.example.org']);
const quiet: Log = () => undefined;
const whoami = { method: 'GET', route: '/v1/whoami' };
const context = callerContext();

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

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
    const client = engine.newClient();
    client.middlewareStack.add(
      () => async () => {
        throw new Error('connect ECONNREFUSED');
      },
      { step: 'finalizeRequest', priority: 'high' },
    );
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

describe('CORS', () => {
  const asked = async (handler: HttpHandler, origin: string, route = '/v1/whoami', method = 'GET') =>
    (await call(handler, { method, route, headers: { Origin: origin }, context })).headers;
  const allowed = (headers: Readonly<Record<string, string>>) => headers['Access-Control-Allow-Origin'];

  test.each(['https://crm.example.com', 'https://a.b.example.org'])(
    'lets a page of the trusted origin %s read answers and errors, with its cookies',
    async (origin) => {
      const fine = await asked(whoamiEndpoint({ trusted, log: quiet }), origin);
      const refused = await asked(whoamiEndpoint({ trusted, log: quiet }), origin, '/v1/whoami', 'POST');
      for (const headers of [fine, refused]) {
        expect(headers).toMatchObject({
          'Access-Control-Allow-Origin': origin,
          'Access-Control-Allow-Credentials': 'true',
          Vary: 'Origin',
        });
      }
    },
  );

  test.each(['https://evil.example', 'null', '', 'https://crm.example.com.evil.example', '*'])(
    'lets no page of %j read anything, preflighted or not',
    async (origin) => {
      for (const handler of [whoamiEndpoint({ trusted, log: quiet }), preflight(trusted, quiet)]) {
        const headers = await asked(handler, origin, '/v1/whoami', 'OPTIONS');
        expect(Object.keys(headers).filter((name) => name.startsWith('Access-Control'))).toEqual([]);
        expect(headers['Vary']).toBe('Origin');
      }
    },
  );

  test('is not widened by a second Origin header', async () => {
    const event = restEvent({ ...whoami, context });
    const headers = { multiValueHeaders: { origin: ['https://crm.example.com', 'https://evil.example'] } };
    const answer = await reply(whoamiEndpoint({ trusted, log: quiet }), { ...event, ...headers });
    expect(allowed(answer.headers)).toBeUndefined();
  });

  test('of the Action API lets any page read, without cookies', async () => {
    const store = recordsStore(
      engine.client,
      'none',
      breaker('store', 'DynamoDB', () => 0),
    );
    const actions = actionsEndpoint({ store, trusted, log: quiet });
    const path = '/api/actions/execute';
    for (const origin of ['https://evil.example', 'https://crm.example.com']) {
      for (const handler of [actions, preflight(trusted, quiet)]) {
        const headers = await asked(handler, origin, path, handler === actions ? 'POST' : 'OPTIONS');
        expect(allowed(headers)).toBe('*');
        expect(headers['Access-Control-Allow-Credentials']).toBeUndefined();
      }
    }
  });

  test.each([
    ['REST', restEvent],
    ['HTTP', httpEvent],
  ])('preflight of a %s API allows our methods and headers', async (_, event) => {
    const request = { method: 'OPTIONS', route: '/v1/records/{entity}', parameters: { entity: 'contact' } };
    const answer = await reply(
      preflight(trusted, quiet),
      event({ ...request, headers: { Origin: 'https://crm.example.com' } }),
    );
    expect(answer.status).toBe(204);
    expect(answer.body).toBeUndefined();
    expect(answer.headers).toEqual({
      'Access-Control-Allow-Origin': 'https://crm.example.com',
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
      'Access-Control-Allow-Headers': 'authorization, content-type, x-api-key, x-tenant-id',
      'Access-Control-Max-Age': '600',
      Vary: 'Origin',
    });
  });

  test('preflight knows the Action API by its path where one route serves all', async () => {
    const event = httpEvent({
      method: 'OPTIONS',
      route: '/api/actions/execute',
      headers: { origin: 'https://x.y' },
    });
    for (const routeKey of ['OPTIONS /{proxy+}', '$default']) {
      expect(allowed((await reply(preflight(trusted, quiet), { ...event, routeKey })).headers)).toBe('*');
    }
  });
});

describe('whatever is sent', () => {
  const isAnswer = (answer: { statusCode: number; headers: object; body: string }): boolean => {
    const { statusCode, body } = answer;
    if (![200, 201, 204, 400, 403, 404, 409, 503].includes(statusCode)) return false;
    if (body === '') return statusCode === 204;
    const parsed: unknown = JSON.parse(body);
    return statusCode < 400 || (typeof parsed === 'object' && parsed !== null && 'error' in parsed);
  };

  let handlers: readonly HttpHandler[];
  beforeAll(async () => {
    const guard = breaker('store', 'DynamoDB', () => 0);
    const store = recordsStore(engine.client, await createRecordsTable(engine.client), guard);
    const settings = { store, trusted, log: quiet };
    handlers = [
      whoamiEndpoint(settings),
      recordsEndpoint(settings),
      actionsEndpoint(settings),
      preflight(trusted, quiet),
    ];
  });

  const answersAll = async (event: unknown): Promise<boolean> =>
    (await Promise.all(handlers.map((handler) => handler(event)))).every(isAnswer);

  test('an event of any shape gets an answer in our shape', async () => {
    const shaped = fc.record(
      {
        version: fc.constantFrom('1.0', '2.0', 2),
        httpMethod: fc.anything(),
        resource: fc.anything(),
        routeKey: fc.anything(),
        rawPath: fc.anything(),
        headers: fc.anything(),
        multiValueHeaders: fc.anything(),
        pathParameters: fc.anything(),
        queryStringParameters: fc.anything(),
        multiValueQueryStringParameters: fc.anything(),
        body: fc.anything(),
        isBase64Encoded: fc.anything(),
        requestContext: fc.anything(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(fc.asyncProperty(fc.oneof(fc.anything(), shaped), answersAll), { numRuns: 300 });
  });

  test('a body of any JSON, or none, is a record, an action or a 4xx, and never a 5xx', async () => {
    const all = callerContext({ scopes: '*' });
    const token = callerContext({ scopes: '*', credentialKind: 'extension_token' });
    const records = { method: 'POST', route: '/v1/records/{entity}', parameters: { entity: 'any' } };
    const actions = { method: 'POST', route: '/api/actions/execute' };
    const input = fc.record(
      {
        entity: fc.constantFrom('any', 'Any', 7),
        operation: fc.constantFrom('create', 'update', 'upsert', 'delete', 'x'),
        id: fc.oneof(fc.constant('x'), fc.string()),
        data: fc.jsonValue(),
        filter: fc.oneof(fc.dictionary(fc.string(), fc.oneof(fc.double(), fc.string())), fc.jsonValue()),
        limit: fc.oneof(fc.integer(), fc.double()),
        cursor: fc.string(),
      },
      { requiredKeys: ['entity'] },
    );
    const action = fc.record({ action: fc.constantFrom('find_many', 'find_one', 'mutate'), input });
    const wild = fc.oneof(
      fc.json({ stringUnit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(wild, action), async (body) => {
        const [, create, execute] = handlers;
        if (!create || !execute) return false;
        const made = await create(restEvent({ ...records, body, context: all }));
        const done = await execute(restEvent({ ...actions, body, context: token }));
        return [made, done].every((answer) => isAnswer(answer) && answer.statusCode < 500);
      }),
      { numRuns: 400 },
    );
  });
});
