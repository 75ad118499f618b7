import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../lambda/core/fault.ts';
import { isOversized, readCookies, readHeaders } from '../../lambda/surfaces/headers.ts';

const entries = (single: unknown, multiple: unknown) => Object.fromEntries(readHeaders(single, multiple));

describe('headers', () => {
  test('are none when there are none', () => {
    for (const none of [null, undefined, {}]) expect(entries(none, none)).toEqual({});
  });

  test('are found by name in any case', () => {
    expect(entries({ 'X-API-Key': 'a' }, null)).toEqual({ 'x-api-key': ['a'] });
    expect(entries(null, { 'X-API-KEY': ['a'] })).toEqual({ 'x-api-key': ['a'] });
  });

  test('keep every value of a repeated one, and the single value that repeats the last is no other', () => {
    expect(entries({ 'x-api-key': 'b' }, { 'x-api-key': ['a', 'b'] })).toEqual({ 'x-api-key': ['a', 'b'] });
    expect(entries(null, { 'X-Api-Key': ['a'], 'x-api-key': ['b'] })).toEqual({ 'x-api-key': ['a', 'b'] });
    expect(entries({ 'X-Api-Key': 'a', 'x-api-key': 'b' }, null)).toEqual({ 'x-api-key': ['a', 'b'] });
  });

  test('with a value that only one of the two members has are kept: neither can hide one from us', () => {
    expect(entries({ authorization: 'a' }, { authorization: ['b'] })).toEqual({ authorization: ['b', 'a'] });
    expect(entries({ authorization: 'a' }, {})).toEqual({ authorization: ['a'] });
    expect(entries({}, { authorization: ['b'] })).toEqual({ authorization: ['b'] });
  });

  test('sent without a value are there: null, an empty list and an empty text are no way to hide one', () => {
    expect(entries({ authorization: null }, null)).toEqual({ authorization: [''] });
    expect(entries(null, { authorization: null })).toEqual({ authorization: [''] });
    expect(entries(null, { authorization: [] })).toEqual({ authorization: [''] });
    expect(entries(null, { authorization: [null] })).toEqual({ authorization: [''] });
  });

  test('named like what every object has are only headers', () => {
    const event: unknown = JSON.parse('{"__proto__":"a","constructor":"b"}');
    expect([...readHeaders(event, null).keys()]).toEqual(['__proto__', 'constructor']);
  });

  test.each<[string, unknown, unknown]>([
    ['a list', ['a'], null],
    ['a text', 'a', null],
    ['a number for a value', { a: 1 }, null],
    ['a list for a single value', { a: ['b'] }, null],
    ['an object for a value', { a: {} }, null],
    ['a text for a list of values', null, { a: 'b' }],
    ['a number among values', null, { a: ['b', 1] }],
  ])('that are %s are a Fault', (_, single, multiple) => {
    expect(() => readHeaders(single, multiple)).toThrow(Fault);
  });
});

describe('a request is too large', () => {
  const oversized = (headers: Record<string, readonly string[]>): boolean =>
    isOversized(new Map(Object.entries(headers)));
  const x = (bytes: number): string => 'x'.repeat(bytes);

  test.each([
    ['authorization', 4096],
    ['x-api-key', 4096],
    ['cookie', 8192],
  ])('with more in %s than %d bytes, and not with as many', (name, limit) => {
    expect(oversized({ [name]: [x(limit)] })).toBe(false);
    expect(oversized({ [name]: [x(limit + 1)] })).toBe(true);
  });

  test('with as much in a repeated header as it would have joined', () => {
    expect(oversized({ 'x-api-key': [x(2000), x(2095)] })).toBe(false);
    expect(oversized({ 'x-api-key': [x(2000), x(2096)] })).toBe(true);
    expect(oversized({ cookie: [x(5000), x(5000)] })).toBe(true);
  });

  test('counted in bytes, not in characters', () => {
    expect(oversized({ 'x-api-key': ['é'.repeat(2048)] })).toBe(false);
    expect(oversized({ 'x-api-key': ['é'.repeat(2049)] })).toBe(true);
  });

  test('with more than 10,240 bytes in all, names among them', () => {
    expect(oversized({ aaaa: [x(5116)], bbbb: [x(5116)] })).toBe(false);
    expect(oversized({ aaaa: [x(5116)], bbbb: [x(5117)] })).toBe(true);
    expect(oversized({ aaaa: Array.from({ length: 2561 }, () => '') })).toBe(true);
  });
});

describe('cookies', () => {
  const pairs = (...values: readonly string[]) => readCookies(values).map(({ name, value }) => [name, value]);

  test('are pairs, in order, of all headers, values as they were sent', () => {
    expect(pairs('a=1; b=%32', 'a=3')).toEqual([
      ['a', '1'],
      ['b', '%32'],
      ['a', '3'],
    ]);
    expect(pairs('a=1=2;b="x"')).toEqual([
      ['a', '1=2'],
      ['b', '"x"'],
    ]);
    expect(pairs('a=', ' b = 2 ')).toEqual([
      ['a', ''],
      ['b', '2'],
    ]);
  });

  test('without a name are none', () => expect(pairs('', ';', 'a', '=1', ' ;; ')).toEqual([]));

  test('keep white space that a browser takes for part of the name', () => {
    expect(pairs('\u00a0__Secure-a=1')).toEqual([['\u00a0__Secure-a', '1']]);
    expect(pairs('\u2003__Secure-a\u0085=1')).toEqual([['\u2003__Secure-a\u0085', '1']]);
  });
});
