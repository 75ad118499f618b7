import { describe, expect, test } from '@jest/globals';
import { decomposeJws } from '../../lambda/credentials/compact-jws.ts';
import { jws } from '../support/jws.ts';

const secret = 'a-key-that-signs-tokens-for-extensions';
const header = { alg: 'HS256', typ: 'ext+jwt', kid: 'k-1' };
const payload = { sub: 'user-1', n: [1, { a: null }] };
const token = jws(header, payload, secret);
const [head = '', body = '', signature = ''] = token.split('.');
const both = (text: string) => [decomposeJws(text, false), decomposeJws(text, true)];

const signed = `${head}.${body}`;

test('a token of our form is its kid, its payload, and what is signed by what, whichever tokens are accepted', () => {
  const decomposed = { kid: 'k-1', payload, signed, signature };
  expect(both(token)).toEqual([decomposed, decomposed]);
  expect(decomposeJws(jws(header, [], secret), false)).toMatchObject({ kid: 'k-1', payload: [] });
});

test('a token from before keys had names has no kid, and is one only where such are accepted', () => {
  for (const old of [{ alg: 'HS256' }, { alg: 'HS256', typ: 'JWT' }]) {
    const [refused, accepted] = both(jws(old, payload, secret));
    expect(refused).toBeUndefined();
    expect(accepted).toMatchObject({ payload });
    expect(accepted).not.toHaveProperty('kid');
  }
});

describe('no token has', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['no payload and no signature', head],
    ['no signature', `${head}.${body}`],
    ['an empty header', `.${body}.${signature}`],
    ['an empty payload', `${head}..${signature}`],
    ['an empty signature', `${head}.${body}.`],
    ['a fourth part', `${token}.${signature}`],
    ['an empty fourth part', `${token}.`],
    ['a signature of 31 bytes', `${head}.${body}.${Buffer.alloc(31).toString('base64url')}`],
    ['a signature of 33 bytes', `${head}.${body}.${Buffer.alloc(33).toString('base64url')}`],
    ['padding', `${head}.${body}.${signature}=`],
    ['stray bits', `${head}.${body}.${'A'.repeat(42)}B`],
    ['white space in it', `${head}.${body} .${signature}`],
    ['another alphabet', `${head}.${Buffer.from('{"a":"~~?"}').toString('base64')}.${signature}`],
    ['a header of nothing', jws('null', payload, secret)],
    ['a header of another algorithm', jws({ ...header, alg: 'HS512' }, payload, secret)],
    ['an algorithm of nothing', jws({ typ: 'ext+jwt', kid: 'k-1' }, payload, secret)],
    ['another type', jws({ ...header, typ: 'at+jwt' }, payload, secret)],
    ['a type for the other form', jws({ alg: 'HS256', typ: 'ext+jwt' }, payload, secret)],
    ['a kid for the other form', jws({ alg: 'HS256', typ: 'JWT', kid: 'k-1' }, payload, secret)],
    ['a kid that no key can have', jws({ ...header, kid: 'k 1' }, payload, secret)],
    ['a parameter that is not ours', jws({ ...header, crit: ['b64'] }, payload, secret)],
    ['a parameter that the other form has not', jws({ alg: 'HS256', cty: 'JWT' }, payload, secret)],
    ['a payload of a text', jws(header, '"text"', secret)],
    ['a payload of nothing', jws(header, 'null', secret)],
    ['a payload of a number', jws(header, '1', secret)],
    ['a payload that is no JSON', jws(header, '{', secret)],
    ['a claim twice', jws(header, '{"sub":"a","sub":"b"}', secret)],
    ['a parameter twice', jws('{"alg":"none","alg":"HS256","typ":"ext+jwt","kid":"k"}', payload, secret)],
  ])('%s', (_, text) => expect(both(text)).toEqual([undefined, undefined]));
});
