import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import type { HttpHandler } from '../../lambda/crm/answer.ts';
import { recordsEndpoint } from '../../lambda/crm/records-endpoint.ts';
import { recordsStore } from '../../lambda/crm/records-store.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { call, callerContext, httpEvent, reply, type Reply } from '../support/endpoint-call.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { createRecordsTable } from '../support/records-table.ts';

let engine: TestEngine;
let endpoint: HttpHandler;
/** A fresh organization for each test. */
let acme: AuthContext;
let globex: AuthContext;

beforeAll(async () => {
  engine = await startTestEngine();
  const guard = breaker('store', 'DynamoDB', () => 0);
  endpoint = recordsEndpoint({
    store: recordsStore(engine.client, await createRecordsTable(engine.client), guard),
    trusted: compileOrigins(['https://crm.example.com']),
    log: (line) => {
      throw new Error(`unexpected ${JSON.stringify(line)}`);
    },
  });
});
afterAll(() => engine.stop());
beforeEach(() => {
  acme = callerContext({ organizationId: `acme-${randomUUID()}` });
  globex = callerContext({ organizationId: `globex-${randomUUID()}`, organizationSlug: 'globex' });
});

const at = (entity: string) => ({ route: '/v1/records/{entity}', parameters: { entity } });
const create = (context: AuthContext, body: unknown, entity = 'contact'): Promise<Reply> =>
  call(endpoint, { ...at(entity), method: 'POST', body, context });
const list = (
  context: AuthContext,
  query: Readonly<Record<string, string>> = {},
  entity = 'contact',
): Promise<Reply> => call(endpoint, { ...at(entity), method: 'GET', query, context });

interface Listed {
  readonly records: readonly { readonly id: string; readonly n?: number }[];
  readonly next?: string;
}
const isListed = (body: unknown): body is Listed =>
  typeof body === 'object' && body !== null && 'records' in body;

async function page(context: AuthContext, query: Readonly<Record<string, string>> = {}): Promise<Listed> {
  const { status, body } = await list(context, query);
  if (status !== 200 || !isListed(body)) throw new Error(`not a page: ${status} ${JSON.stringify(body)}`);
  return body;
}

async function fill(context: AuthContext, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => create(context, { n })));
}

describe('a record', () => {
  test('comes back as it was sent, with an id of ours', async () => {
    const sent = {
      name: 'Zoë',
      empty: '',
      nothing: null,
      score: -1.5e-7,
      largest: Number.MAX_SAFE_INTEGER,
      yes: true,
      'dotted.name': 1,
      data: { pk: 'x', nested: [[], {}, { deep: [1, 'two', null] }] },
      size: 3,
    };
    const { status, body, headers } = await create(acme, sent);
    expect(status).toBe(201);
    expect(body).toEqual({ ...sent, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store', 'Content-Type': 'application/json' });
    expect((await page(acme)).records).toEqual([body]);
  });

  test('may have no fields', async () => {
    expect((await create(acme, {})).status).toBe(201);
  });

  test('is made from a body in base64 behind an HTTP API as well', async () => {
    const request = { ...at('contact'), method: 'POST', body: { name: 'Zoë' }, context: acme };
    expect((await reply(endpoint, httpEvent(request))).body).toMatchObject({ name: 'Zoë' });
    const listed = await reply(endpoint, httpEvent({ ...at('contact'), method: 'GET', context: acme }));
    expect(listed.body).toEqual({ records: [expect.objectContaining({ name: 'Zoë' })] });
  });

  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  test.each([
    ['no body', undefined],
    ['an empty body', ''],
    ['text that is no JSON', '{"a":'],
    ['a list', []],
    ['null', 'null'],
    ['a string', '"x"'],
    ['an id of its own', { id: 'mine' }],
    ['a field without a name', { '': 1 }],
    ['a field named __proto__', '{"__proto__":{"a":1}}'],
    ['a nested __proto__', '{"a":[{"__proto__":1}]}'],
    ['half a character', '{"a":"\\ud800"}'],
    ['an integer that is not exact', '{"a":9007199254740993}'],
    ['an infinite number', '{"a":1e400}'],
    ['a number too small to keep', '{"a":1e-200}'],
    ['deep nesting', { a: nested(17) }],
    ['nesting that would overflow a stack', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    ['too many fields', Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`f${n}`, n]))],
    ['a name that is too long', { ['n'.repeat(256)]: 1 }],
    ['more than 256 KB', { a: 'x'.repeat(256 * 1024) }],
  ])('is refused with 400 for %s', async (_, body) => {
    const refused = await create(acme, body);
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual({
      error: 'invalid_request',
      message: expect.any(String),
      requestId: 'request-1',
    });
    expect((await page(acme)).records).toEqual([]);
  });

  test('is refused with 400 when its bytes are no UTF-8', async () => {
    const event = httpEvent({ ...at('contact'), method: 'POST', context: acme });
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64');
    expect((await reply(endpoint, { ...event, body })).status).toBe(400);
  });

  test('just under 256 KB is kept whole', async () => {
    const text = 'ü'.repeat(128 * 1024 - 10);
    expect((await create(acme, { text })).status).toBe(201);
    expect((await page(acme)).records).toEqual([expect.objectContaining({ text })]);
  });
});

describe('a list', () => {
  test('has every record once over its pages, and no cursor on the last', async () => {
    await fill(acme, 23);
    const seen: string[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const { records, next } = await page(acme, { limit: '10', ...(cursor ? { cursor } : {}) });
      seen.push(...records.map(({ id }) => id));
      sizes.push(records.length);
      cursor = next;
    } while (cursor);
    expect(sizes).toEqual([10, 10, 3]);
    expect(new Set(seen).size).toBe(23);
    expect(seen).toEqual(seen.toSorted());
  });

  test('that ends with a full page has no cursor to an empty one', async () => {
    await fill(acme, 10);
    expect(await page(acme, { limit: '10' })).not.toHaveProperty('next');
  });

  test('has 25 records unless asked otherwise', async () => {
    await fill(acme, 26);
    expect((await page(acme)).records).toHaveLength(25);
  });

  test('is cut short rather than too large to answer, and goes on where it was cut', async () => {
    const text = 'x'.repeat(250_000);
    await Promise.all(Array.from({ length: 6 }, (_, n) => create(acme, { n, text })));
    const first = await page(acme, { limit: '100' });
    expect(first.records.length).toBeLessThan(6);
    expect(first.next).toBeDefined();
    const rest = await page(acme, { limit: '100', cursor: first.next ?? '' });
    expect(first.records.length + rest.records.length).toBe(6);
  });

  test.each(['0', '101', '-1', '1.5', '1e1', ' 5', '', 'all', '1,2', '٣', '0x10'])(
    'with limit %j is refused with 400',
    async (limit) => {
      expect((await list(acme, { limit })).status).toBe(400);
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
    expect((await list(acme, { cursor })).status).toBe(400);
  });

  test('with a parameter sent twice is refused with 400: which one counts?', async () => {
    const twice = (name: string, values: readonly string[]) => ({
      httpMethod: 'GET',
      pathParameters: { entity: 'contact' },
      multiValueQueryStringParameters: { [name]: values },
      requestContext: { authorizer: acme },
    });
    expect((await reply(endpoint, twice('limit', ['1', '2']))).status).toBe(400);
    expect((await reply(endpoint, twice('cursor', ['YWI', 'YWM']))).status).toBe(400);
  });
});

describe('another organization', () => {
  test("sees none of the records, also through the first one's cursor", async () => {
    await fill(acme, 12);
    const { next } = await page(acme, { limit: '1' });
    await create(globex, { n: 99 });
    const [own] = (await page(globex)).records;
    const crossed = await page(globex, { cursor: next ?? '' });
    expect([[], [own]]).toContainEqual(crossed.records);
    expect(own?.n).toBe(99);
  });

  test('is not reached by an x-tenant-id header, a body or a parameter that names it', async () => {
    await create(globex, { secret: true });
    const request = {
      ...at('contact'),
      method: 'GET',
      query: { organizationId: globex.organizationId, 'x-tenant-id': globex.organizationId },
      headers: { 'x-tenant-id': globex.organizationId },
      context: acme,
    };
    expect((await call(endpoint, request)).body).toEqual({ records: [] });
    await create(acme, { organizationId: globex.organizationId, pk: `${globex.organizationId}#contact` });
    expect((await page(globex)).records).toHaveLength(1);
  });

  test('is not reached by an entity that carries a key of it', async () => {
    await create(globex, { secret: true });
    const entity = `x#${globex.organizationId}#contact`;
    expect((await list(acme, {}, entity)).status).toBe(404);
  });

  test('and another entity are separate lists', async () => {
    await create(acme, { n: 1 }, 'contact');
    expect((await list(acme, {}, 'deal')).body).toEqual({ records: [] });
  });
});

describe('the endpoint', () => {
  test.each([
    ['GET', 'records:read:deal records:write', 'records:read:contact'],
    ['POST', 'records:read', 'records:write:contact'],
    ['GET', '', 'records:read:contact'],
  ])('checks the scope of %s once more: "%s" is not enough', async (method, scopes, scope) => {
    const context = { ...acme, scopes };
    const { status, body } = await call(endpoint, { ...at('contact'), method, body: {}, context });
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
    const { status, body } = await list({ ...acme, credentialKind: 'extension_token', scopes: '*' });
    expect(status).toBe(403);
    expect(body).toMatchObject({ error: 'forbidden', reason: 'credential_kind_not_accepted' });
  });

  test.each(['Contact', '', 'a b', '..', 'x'.repeat(65), '*', '__proto__'])(
    'answers 404 to entity %j',
    async (entity) => {
      expect((await list({ ...acme, scopes: '*' }, {}, entity)).status).toBe(404);
    },
  );

  test('answers 404 to a method it does not have', async () => {
    const { status, body } = await call(endpoint, { ...at('contact'), method: 'PATCH', context: acme });
    expect([status, body]).toEqual([404, expect.objectContaining({ error: 'not_found' })]);
  });
});
