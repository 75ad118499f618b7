import { beforeAll, describe, expect, test } from '@jest/globals';
import { member, textOf } from '../harness/http.ts';
import type { Fields, Reply, Sent } from '../harness/http.ts';
import { mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

export function recordTests(world: () => World): void {
  type Name = 'alice' | 'bob' | 'mallory';
  const by = (name: Name, path: string, sent: Sent = {}): Promise<Reply> =>
    world().send(`/v1/records/${path}`, {
      ...sent,
      headers: [['x-api-key', world().keys[name].key], ...(sent.headers ?? [])],
    });
  const list = (query: string, name: Name = 'alice') => by(name, `page${query}`);
  const post = (path: string, json: unknown, headers: Fields = []) =>
    by('alice', path, { method: 'POST', json, headers });

  describe('GET /v1/records/{entity}', () => {
    beforeAll(async () => {
      for (let index = 0; index < 30; index += 1) await mustBe(201, post('page', { index }));
    });
    const records = (reply: Reply): readonly unknown[] => Object(member(reply.body, 'records'));

    test('answers {records, next?}: 25 unless asked, each record whole and once over all pages', async () => {
      const first = await mustBe(200, list(''));
      expect(Object.keys(Object(first.body)).toSorted()).toEqual(['next', 'records']);
      expect(records(first)).toHaveLength(25);
      const last = await mustBe(200, list(`?cursor=${textOf(first, 'next')}`));
      expect(Object.keys(Object(last.body))).toEqual(['records']);
      const indexes = [...records(first), ...records(last)].map((record) => member(record, 'index'));
      expect(indexes.toSorted((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 30 }, (_, index) => index),
      );
    });

    test('takes limits from 1 to 100', async () => {
      for (const [limit, expected] of [
        [1, 1],
        [30, 30],
        [100, 30],
      ] as const) {
        expect(records(await mustBe(200, list(`?limit=${limit}`)))).toHaveLength(expected);
      }
      expect(member((await list('?limit=30')).body, 'next')).toBeUndefined();
    });

    test.each([
      'limit=0',
      'limit=101',
      'limit=-1',
      'limit=1.5',
      'limit=',
      'limit=abc',
      'limit=1e2',
      'limit=5&limit=6',
      'limit=%35x',
      'cursor=',
      'cursor=!',
      'cursor=AAAA',
      'cursor=..%2F..',
      'cursor=a&cursor=b',
      'limit=0005',
    ])('?%s is 400', async (query) => {
      expect(await list(`?${query}`)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    });

    test('a cursor of another organization chooses only a place in one’s own list', async () => {
      const cursor = textOf(await mustBe(200, list('')), 'next');
      const reply = await mustBe(200, list(`?cursor=${cursor}`, 'mallory'));
      expect(reply.body).toEqual({ records: [] });
    });
  });

  describe('POST /v1/records/{entity}', () => {
    test('answers 201 with the record as it is listed', async () => {
      const fields = {
        text: 'héllo "quoted" \u{1f600}',
        number: -1.5,
        yes: true,
        none: null,
        list: [1, 'a', []],
        deep: { a: { b: 1 } },
      };
      const created = await mustBe(201, post('made', fields));
      expect(created.body).toEqual({ ...fields, id: expect.any(String) });
      expect((await by('alice', 'made')).body).toEqual({ records: [created.body] });
    });

    test.each([
      '{',
      '',
      '[]',
      'null',
      '"x"',
      '1',
      '{"a":1}}',
      '{"id":"mine"}',
      '{"a":1e999}',
      '{"a":NaN}',
      '{"":1}',
      '{"a":"\\ud800"}',
      '{"\\ud800":1}',
      '{"__proto__":{"x":1}}',
    ])('a body %j is 400', async (body) => {
      const reply = await by('alice', 'bad', { method: 'POST', body });
      expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      expect((await by('alice', 'bad')).body).toEqual({ records: [] });
    });

    test('bytes that are no UTF-8 are 400, or stored as nothing else than what was sent', async () => {
      const reply = await by('alice', 'bytes', {
        method: 'POST',
        body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      });
      expect([400, 201]).toContain(reply.status);
    });

    test('JSON is JSON whatever media type it is called, and nothing else becomes JSON by its name', async () => {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/json; charset=utf-16',
        'nonsense',
      ]) {
        const headers: Fields = [['Content-Type', type]];
        expect([
          type,
          (await by('alice', 'typed', { method: 'POST', headers, body: '{"a":1}' })).status,
        ]).toEqual([type, 201]);
        expect((await by('alice', 'typed', { method: 'POST', headers, body: 'a=1' })).status).toBe(400);
      }
    });

    test('a body as large as no record can be is refused in our words, whatever its size', async () => {
      for (const bytes of [300 * 1024, 2 * 1024 * 1024]) {
        const body = JSON.stringify({ text: 'x'.repeat(bytes) });
        expect(await by('alice', 'huge', { method: 'POST', body })).toMatchObject({
          status: 400,
          body: { error: 'invalid_request' },
        });
      }
      const tooLarge = await by('alice', 'huge', { method: 'POST', body: 'x'.repeat(10 * 1024 * 1024 + 1) });
      expect(tooLarge).toMatchObject({ status: 413, body: { error: 'invalid_request' } });
      expect(tooLarge.header('cache-control')).toEqual(['no-store']);
    });

    test('a body nested deeper than any record is 400', async () => {
      for (const depth of [40, 20_000]) {
        const body = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
        expect((await by('alice', 'deep', { method: 'POST', body })).status).toBe(400);
      }
    });
  });
}
