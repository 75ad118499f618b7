import { afterAll, beforeAll, describe, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { actionsEndpoint } from '../../lambda/crm/actions-endpoint.ts';
import type { HttpHandler } from '../../lambda/http/answer.ts';
import { preflight } from '../../lambda/crm/preflight.ts';
import { recordsEndpoint } from '../../lambda/crm/records-endpoint.ts';
import { whoamiEndpoint } from '../../lambda/crm/whoami-endpoint.ts';
import type { Log } from '../../lambda/runtime/log.ts';
import { startCrm, type TestCrm } from '../support/crm.ts';
import { callerContext, restEvent } from '../support/endpoint-call.ts';
import { runs } from '../support/runs.ts';

const trusted = compileOrigins(['https://crm.example.com']);
const quiet: Log = () => undefined;

let crm: TestCrm;
beforeAll(async () => {
  crm = await startCrm();
});
afterAll(() => crm.stop());

describe('whatever is sent', () => {
  const isAnswer = (answer: { statusCode: number; headers: object; body: string }): boolean => {
    const { statusCode, body } = answer;
    if (![200, 201, 204, 400, 403, 404, 409, 503].includes(statusCode)) return false;
    if (body === '') return statusCode === 204;
    const parsed: unknown = JSON.parse(body);
    return statusCode < 400 || (typeof parsed === 'object' && parsed !== null && 'error' in parsed);
  };

  let handlers: readonly HttpHandler[];
  beforeAll(() => {
    const settings = { store: crm.store, trusted, log: quiet };
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
    await fc.assert(fc.asyncProperty(fc.oneof(fc.anything(), shaped), answersAll), runs(300));
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
      runs(400),
    );
  });
});
