import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateApiKey } from '../../lambda/identity/api-keys.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { signUp, testIdentity, textOf, type TestIdentity } from '../support/identity.ts';

let engine: TestEngine;
let identity: TestIdentity;
beforeAll(async () => {
  engine = await startTestEngine();
  identity = await testIdentity(engine);
});
afterAll(() => engine.stop());

describe('API keys', () => {
  test('have the published form, and are never the same', () => {
    const keys = Array.from({ length: 200 }, () => generateApiKey('live'));
    for (const key of keys) expect(key).toMatch(/^crm_live_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('are created in that form, without a limit, and verify with Better Auth itself', async () => {
    const browse = identity.browser();
    await signUp(browse, 'owner@example.com');
    const created = await browse('/api-key/create', { name: 'ours' });
    const key = textOf(created, 'key');
    expect(key).toMatch(/^crm_test_/);
    expect(created.body).toMatchObject({ remaining: null, rateLimitEnabled: false });
    for (let use = 0; use < 12; use += 1) {
      expect(await identity.auth.api.verifyApiKey({ body: { key } })).toMatchObject({ valid: true });
    }
  });

  test.each(['permissions', 'remaining', 'rateLimitMax', 'rateLimitEnabled', 'refillAmount'])(
    'do not let their owner choose %s',
    async (property) => {
      const browse = identity.browser();
      await signUp(browse, `${property}@example.com`);
      const value =
        property === 'permissions' ? { records: ['write'] } : property === 'rateLimitEnabled' ? false : 5;
      expect((await browse('/api-key/create', { name: 'ours', [property]: value })).status).toBe(400);
    },
  );

  test('are not a session: they do not open the endpoints that make more of them', async () => {
    const browse = identity.browser();
    await signUp(browse, 'maker@example.com');
    const key = textOf(await browse('/api-key/create', { name: 'ours' }), 'key');
    const stranger = identity.browser();
    expect((await stranger('/api-key/create', { name: 'more' }, { 'x-api-key': key })).status).toBe(401);
  });
});
