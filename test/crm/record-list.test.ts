import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { freshMember, startCrm, type TestCrm } from '../support/crm.ts';
import { reply } from '../support/endpoint-call.ts';
import { create, fill, list, page } from '../support/records-call.ts';

let crm: TestCrm;
let acme: AuthContext;

beforeAll(async () => {
  crm = await startCrm();
});
afterAll(() => crm.stop());
beforeEach(() => {
  acme = freshMember();
});

describe('a list', () => {
  test('has every record once over its pages, and no cursor on the last', async () => {
    await fill(crm.records, acme, 23);
    const seen: string[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const { records, next } = await page(crm.records, acme, { limit: '10', ...(cursor ? { cursor } : {}) });
      seen.push(...records.map(({ id }) => id));
      sizes.push(records.length);
      cursor = next;
    } while (cursor);
    expect(sizes).toEqual([10, 10, 3]);
    expect(new Set(seen).size).toBe(23);
    expect(seen).toEqual(seen.toSorted());
  });

  test('that ends with a full page has no cursor to an empty one', async () => {
    await fill(crm.records, acme, 10);
    expect(await page(crm.records, acme, { limit: '10' })).not.toHaveProperty('next');
  });

  test('has 25 records unless asked otherwise', async () => {
    await fill(crm.records, acme, 26);
    expect((await page(crm.records, acme)).records).toHaveLength(25);
  });

  test('is cut short rather than too large to answer, and goes on where it was cut', async () => {
    const text = 'x'.repeat(250_000);
    await Promise.all(Array.from({ length: 6 }, (_, n) => create(crm.records, acme, { n, text })));
    const first = await page(crm.records, acme, { limit: '100' });
    expect(first.records.length).toBeLessThan(6);
    expect(first.next).toBeDefined();
    const rest = await page(crm.records, acme, { limit: '100', cursor: first.next ?? '' });
    expect(first.records.length + rest.records.length).toBe(6);
  });

  test.each(['0', '101', '-1', '1.5', '1e1', ' 5', '', 'all', '1,2', '٣', '0x10'])(
    'with limit %j is refused with 400',
    async (limit) => {
      expect((await list(crm.records, acme, { limit })).status).toBe(400);
    },
  );

  test.each([
    '',
    'x',
    '*',
    '!!!',
    'YQ==',
    'YR',
    '..',
    Buffer.from('a#b').toString('base64url'),
    'A'.repeat(9000),
  ])('with cursor %j is refused with 400', async (cursor) => {
    expect((await list(crm.records, acme, { cursor })).status).toBe(400);
  });

  test('with a parameter sent twice is refused with 400: which one counts?', async () => {
    const twice = (name: string, values: readonly string[]) => ({
      httpMethod: 'GET',
      pathParameters: { entity: 'contact' },
      multiValueQueryStringParameters: { [name]: values },
      requestContext: { authorizer: acme },
    });
    expect((await reply(crm.records, twice('limit', ['1', '2']))).status).toBe(400);
    expect((await reply(crm.records, twice('cursor', ['YWI', 'YWM']))).status).toBe(400);
  });
});
