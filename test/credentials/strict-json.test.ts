import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseStrictJson } from '../../lambda/credentials/strict-json.ts';
import { runs } from '../support/runs.ts';

test('JSON without a member twice means what it means to every parser', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' '), (json, space) => {
      const text = `${space}${json}`;
      expect(parseStrictJson(text)).toEqual(JSON.parse(text));
    }),
    runs(300),
  );
});

describe('no member is there twice in', () => {
  test.each([
    ['objects beside each other', '[{"a":1},{"a":2}]'],
    ['objects in each other', '{"a":{"a":{"a":1}},"b":{"a":2}}'],
    ['an object after one that ended', '{"x":{"a":1},"a":2}'],
    ['an object after a list that ended', '{"x":[{"a":1}],"a":2}'],
    ['texts that are no names', '{"a":"b","b":"a","c":["a","a"]}'],
    ['texts that look like JSON', String.raw`{"a":"\"a\":{[","b":"}],:\\","c":"{\"a\":1,\"a\":2}"}`],
    ['texts of colons after texts', '{"a":["b",":",":"],"c":":"}'],
    ['names that differ in case', '{"a":1,"A":2}'],
    ['names like those every object has', '{"toString":1,"__proto__":2,"constructor":3}'],
    ['numbers, true, false and null', '{"a":-1.5e3,"b":true,"c":false,"d":null}'],
  ])('%s, also where it is not written as it would be', (_, text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
    for (const spelled of [` ${text}`, text.replaceAll(/([:,])"/g, '$1 "')])
      expect(parseStrictJson(spelled)).toEqual(JSON.parse(spelled));
  });
});

describe('a member is there twice, and the text means nothing, in', () => {
  test.each([
    ['an object', '{"a":1,"a":1}'],
    ['an object with others between', '{"a":1,"b":2,"c":3,"a":4}'],
    ['an object with an object between', '{"a":{"b":1},"a":2}'],
    ['an object with a list of objects between', '{"a":[{"b":1},{"b":2}],"a":2}'],
    ['an object in a list in an object', '{"x":[[{"a":1,"a":2}]]}'],
    ['the second of two objects', '[{"a":1},{"a":1,"a":2}]'],
    ['names of which one is escaped', String.raw`{"sub":1,"\u0073ub":2}`],
    ['names that are escaped in two ways', String.raw`{"\/":1,"/":2}`],
    ['names with a quote in them', String.raw`{"a\"b":1,"a\"b":2}`],
    ['names that end in a backslash', String.raw`{"a\\":1,"a\\":2}`],
    ['empty names', '{"":1,"":2}'],
    ['names with white space around them', '{ "a" : 1 , "a" : 2 }'],
  ])('%s', (_, text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(parseStrictJson(text)).toBeUndefined();
  });
});

test.each([[''], ['{'], ['{"a":1,}'], ["{'a':1}"], ['{"a":1}{}'], ['undefined'], ['\ufeff{}']])(
  '%j is no JSON and means nothing',
  (text) => expect(parseStrictJson(text)).toBeUndefined(),
);
