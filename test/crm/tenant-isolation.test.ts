import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { freshMember, startCrm, type TestCrm } from '../support/crm.ts';
import { call } from '../support/endpoint-call.ts';
import { create, fill, list, page, recordsRoute } from '../support/records-call.ts';

let crm: TestCrm;
let acme: AuthContext;
let globex: AuthContext;

beforeAll(async () => {
  crm = await startCrm();
});
afterAll(() => crm.stop());
beforeEach(() => {
  acme = freshMember();
  globex = freshMember();
});

describe('another organization', () => {
  test("sees none of the records, also through the first one's cursor", async () => {
    await fill(crm.records, acme, 12);
    const { next } = await page(crm.records, acme, { limit: '1' });
    await create(crm.records, globex, { n: 99 });
    const [own] = (await page(crm.records, globex)).records;
    const crossed = await page(crm.records, globex, { cursor: next ?? '' });
    expect([[], [own]]).toContainEqual(crossed.records);
    expect(own?.n).toBe(99);
  });

  test('is not reached by an x-tenant-id header, a body or a parameter that names it', async () => {
    await create(crm.records, globex, { secret: true });
    const request = {
      ...recordsRoute('contact'),
      method: 'GET',
      query: { organizationId: globex.organizationId, 'x-tenant-id': globex.organizationId },
      headers: { 'x-tenant-id': globex.organizationId },
      context: acme,
    };
    expect((await call(crm.records, request)).body).toEqual({ records: [] });
    await create(crm.records, acme, {
      organizationId: globex.organizationId,
      pk: `${globex.organizationId}#contact`,
    });
    expect((await page(crm.records, globex)).records).toHaveLength(1);
  });

  test('is not reached by an entity that carries a key of it', async () => {
    await create(crm.records, globex, { secret: true });
    const entity = `x#${globex.organizationId}#contact`;
    expect((await list(crm.records, acme, {}, entity)).status).toBe(404);
  });

  test('and another entity are separate lists', async () => {
    await create(crm.records, acme, { n: 1 }, 'contact');
    expect((await list(crm.records, acme, {}, 'deal')).body).toEqual({ records: [] });
  });
});

describe('the endpoint', () => {
  test.each([
    ['GET', 'records:read:deal records:write', 'records:read:contact'],
    ['POST', 'records:read', 'records:write:contact'],
    ['GET', '', 'records:read:contact'],
  ])('checks the scope of %s once more: "%s" is not enough', async (method, scopes, scope) => {
    const context = { ...acme, scopes };
    const { status, body } = await call(crm.records, {
      ...recordsRoute('contact'),
      method,
      body: {},
      context,
    });
    expect(status).toBe(403);
    expect(body).toEqual({
      error: 'forbidden',
      reason: 'scope_insufficient',
      message: expect.any(String),
      scope,
      requestId: 'request-1',
    });
  });

  test('checks the kind of credential once more: an extension token reads no records here', async () => {
    const { status, body } = await list(crm.records, {
      ...acme,
      credentialKind: 'extension_token',
      scopes: '*',
    });
    expect(status).toBe(403);
    expect(body).toMatchObject({ error: 'forbidden', reason: 'credential_kind_not_accepted' });
  });

  test.each(['Contact', '', 'a b', '..', 'x'.repeat(65), '*', '__proto__'])(
    'answers 404 to entity %j',
    async (entity) => {
      expect((await list(crm.records, { ...acme, scopes: '*' }, {}, entity)).status).toBe(404);
    },
  );

  test('answers 404 to a method it does not have', async () => {
    const { status, body } = await call(crm.records, {
      ...recordsRoute('contact'),
      method: 'PATCH',
      context: acme,
    });
    expect([status, body]).toEqual([404, expect.objectContaining({ error: 'not_found' })]);
  });
});
