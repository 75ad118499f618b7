import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { freshMember, startCrm, type TestCrm } from '../support/crm.ts';
import { httpEvent, reply } from '../support/endpoint-call.ts';
import { create, page, recordsRoute } from '../support/records-call.ts';

let crm: TestCrm;
let acme: AuthContext;

beforeAll(async () => {
  crm = await startCrm();
});
afterAll(() => crm.stop());
beforeEach(() => {
  acme = freshMember();
});

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
    const { status, body, headers } = await create(crm.records, acme, sent);
    expect(status).toBe(201);
    expect(body).toEqual({ ...sent, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store', 'Content-Type': 'application/json' });
    expect((await page(crm.records, acme)).records).toEqual([body]);
  });

  test('may have no fields', async () => {
    expect((await create(crm.records, acme, {})).status).toBe(201);
  });

  test('is made from a body in base64 behind an HTTP API as well', async () => {
    const request = { ...recordsRoute('contact'), method: 'POST', body: { name: 'Zoë' }, context: acme };
    expect((await reply(crm.records, httpEvent(request))).body).toMatchObject({ name: 'Zoë' });
    const listed = await reply(
      crm.records,
      httpEvent({ ...recordsRoute('contact'), method: 'GET', context: acme }),
    );
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
    const refused = await create(crm.records, acme, body);
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual({
      error: 'invalid_request',
      message: expect.any(String),
      requestId: 'request-1',
    });
    expect((await page(crm.records, acme)).records).toEqual([]);
  });

  test('is refused with 400 when its bytes are no UTF-8', async () => {
    const event = httpEvent({ ...recordsRoute('contact'), method: 'POST', context: acme });
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64');
    expect((await reply(crm.records, { ...event, body })).status).toBe(400);
  });

  test('just under 256 KB is kept whole', async () => {
    const text = 'ü'.repeat(128 * 1024 - 10);
    expect((await create(crm.records, acme, { text })).status).toBe(201);
    expect((await page(crm.records, acme)).records).toEqual([expect.objectContaining({ text })]);
  });
});
