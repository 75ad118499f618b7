import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decisiveOf, readDecisiveHeaders } from '../../lambda/surfaces/decisive-headers.ts';
import { readHeaders } from '../../lambda/surfaces/headers.ts';
import { runs } from '../support/runs.ts';

const inAnyCase = (name: string) =>
  fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length }).map((upper) =>
    name
      .split('')
      .map((character, index) => (upper[index] ? character.toUpperCase() : character))
      .join(''),
  );
const name = fc.oneof(
  fc
    .constantFrom('authorization', 'cookie', 'origin', 'sec-fetch-site', 'x-api-key', 'x-tenant-id')
    .chain((each) => fc.oneof(fc.constant(each), inAnyCase(each))),
  fc.constantFrom('accept', 'user-agent', 'x-forwarded-for', 'x-abi-key', '__proto__', 'constructor'),
);
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom('', 'Bearer a.b.c', 'é'.repeat(1400), 'x'.repeat(3000), 'x'.repeat(4097), '€'.repeat(1366)),
);
const odd = fc.oneof(fc.constant(null), fc.integer(), fc.constant({}), fc.constant([]));
const value = fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: odd });
const single = fc.oneof(
  fc.dictionary(name, value, { maxKeys: 6 }),
  fc.constantFrom(null, undefined, 'text', []),
);
const multiple = fc.oneof(
  fc.dictionary(name, fc.oneof(fc.array(value, { maxLength: 3 }), odd), { maxKeys: 6 }),
  fc.constantFrom(null, undefined, 'text', []),
);
/** As REST APIs hand them over: the single value is the last of the list. */
const usual = fc
  .dictionary(name, fc.array(text, { minLength: 1, maxLength: 2 }), { maxKeys: 8 })
  .map((lists): [unknown, unknown] => [
    Object.fromEntries(Object.entries(lists).map(([each, values]) => [each, values.at(-1)])),
    lists,
  ]);

const outcome = (read: () => ReturnType<typeof decisiveOf>) => {
  try {
    const { headers, oversized } = read();
    return { headers: Object.fromEntries(headers), oversized };
  } catch (fault) {
    return String(fault);
  }
};

describe('the headers of a decision', () => {
  test('are those of all headers read in full, whatever the event, and so is their size', () => {
    fc.assert(
      fc.property(fc.oneof(usual, fc.tuple(single, multiple)), ([one, many]) => {
        expect(outcome(() => readDecisiveHeaders(one, many))).toEqual(
          outcome(() => decisiveOf(readHeaders(one, many))),
        );
      }),
      runs(1500),
    );
  });

  test('are no others: what cannot change a decision is not in the request', () => {
    const { headers } = readDecisiveHeaders(
      { 'X-Api-Key': 'k', Accept: '*/*', 'X-Forwarded-For': '1' },
      null,
    );
    expect([...headers]).toEqual([['x-api-key', ['k']]]);
  });

  test.each([
    ['all together', { 'user-agent': 'x'.repeat(10_231) }],
    ['an Authorization', { authorization: 'x'.repeat(4097) }],
    ['an Authorization of wide characters', { authorization: '€'.repeat(1366) }],
    ['a Cookie', { cookie: 'x'.repeat(8193) }],
  ])('are too large with one byte more than the limit of %s', (_, given) => {
    expect(readDecisiveHeaders(given, null).oversized).toBe(true);
    const [[each, most] = ['', '']] = Object.entries(given);
    expect(readDecisiveHeaders({ [each]: most.slice(1) }, null).oversized).toBe(false);
  });
});
