import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { compileOrigins } from '../../lambda/core/origin.ts';
import type { HttpHandler } from '../../lambda/http/answer.ts';
import { preflight } from '../../lambda/crm/preflight.ts';
import { whoamiEndpoint } from '../../lambda/crm/whoami-endpoint.ts';
import type { Log } from '../../lambda/runtime/log.ts';
import { startCrm, type TestCrm } from '../support/crm.ts';
import { call, callerContext, httpEvent, reply, restEvent } from '../support/endpoint-call.ts';

const trusted = compileOrigins(['https://crm.example.com', 'https://*.example.org']);
const quiet: Log = () => undefined;
const whoami = { method: 'GET', route: '/v1/whoami' };
const context = callerContext();

let crm: TestCrm;
beforeAll(async () => {
  crm = await startCrm();
});
afterAll(() => crm.stop());

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
    const { actions } = crm;
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
