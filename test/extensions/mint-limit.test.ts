import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { start, startIssuer, withInstallation, type TestIssuer } from '../support/issuer.ts';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.engine.stop());

const second = 1000;

describe('tokens for one user and extension', () => {
  test('are 60 a minute, however many are asked for at once', async () => {
    const context = await withInstallation(issuer);
    const replies = await Promise.all(Array.from({ length: 66 }, () => issuer.ask({ context })));
    const count = (status: number): number => replies.filter((reply) => reply.status === status).length;
    expect([count(201), count(429)]).toEqual([60, 6]);
  });

  test('are refused with the time after which to ask again, and given again then', async () => {
    const context = { ...(await withInstallation(issuer)), userId: 'somebody-patient' };
    for (let times = 0; times < 60; times += 1) await issuer.ask({ context });
    const refused = await issuer.ask({ context, now: start + 20 * second });
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({ 'Retry-After': '40' });
    expect(refused.body).toMatchObject({ error: 'rate_limited' });
    expect((await issuer.ask({ context, now: start + 60 * second - 1 })).status).toBe(429);
    expect((await issuer.ask({ context, now: start + 60 * second })).status).toBe(201);
  });

  test('do not count what was refused for another reason, nor for another user', async () => {
    const context = { ...(await withInstallation(issuer)), userId: 'somebody-clumsy' };
    for (let times = 0; times < 61; times += 1) {
      expect((await issuer.ask({ context, body: { ttlSeconds: 1 } })).status).toBe(400);
    }
    for (let times = 0; times < 60; times += 1) await issuer.ask({ context });
    expect((await issuer.ask({ context })).status).toBe(429);
    expect((await issuer.ask({ context: { ...context, userId: 'somebody-else' } })).status).toBe(201);
  });
});
