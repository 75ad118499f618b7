import { describe, expect, test } from '@jest/globals';
import { classify } from '../../lambda/core/classify.ts';
import { deny, type DenialReason } from '../../lambda/core/denial.ts';
import type { Credential } from '../../lambda/core/model.ts';
import { accessRequest } from '../support/request.ts';

type Given = Parameters<typeof accessRequest>[0];

const names = { token: '__Secure-better-auth-session', data: '__Secure-better-auth.session_data' };
const of = (given: Given) => classify(accessRequest(given), names);
const refused = (reason: DenialReason) => deny(reason);

const key: Credential = { kind: 'api_key', key: 'the-key' };
const token: Credential = { kind: 'extension_token', token: 'a.b.c' };
const cookie: readonly [string, string] = [names.token, 'token.signature'];
const session: Credential = { kind: 'session', cookies: { token: 'token.signature' } };
const header = (name: string, value: string | readonly string[]): Given => ({ headers: { [name]: value } });

describe('one credential is found where the contract puts it', () => {
  test.each<[string, Given, Credential]>([
    ['x-api-key', header('x-api-key', 'the-key'), key],
    ['a Bearer value without dots is an API key', header('authorization', 'Bearer the-key'), key],
    [
      'a Bearer value with one dot is an API key',
      header('authorization', 'Bearer a.b'),
      { kind: 'api_key', key: 'a.b' },
    ],
    [
      'a Bearer value with three dots is an API key',
      header('authorization', 'Bearer a.b.c.d'),
      { kind: 'api_key', key: 'a.b.c.d' },
    ],
    ['a Bearer value with two dots is an extension token', header('authorization', 'Bearer a.b.c'), token],
    [
      'two dots make a token of empty parts too',
      header('authorization', 'Bearer ..'),
      { kind: 'extension_token', token: '..' },
    ],
    ['a token in x-api-key is still a key', header('x-api-key', 'a.b.c'), { kind: 'api_key', key: 'a.b.c' }],
    ['the scheme in any case', header('authorization', 'bEaReR a.b.c'), token],
    ['several spaces after the scheme', header('authorization', 'Bearer   a.b.c'), token],
    ['white space around a value', header('x-api-key', ' \tthe-key\t '), key],
    ['the session cookie', { cookies: [cookie] }, session],
  ])('%s', (_, given, credential) => expect(of(given)).toEqual(credential));
});

test('no credential is credential_missing', () => {
  expect(of({})).toEqual(refused('credential_missing'));
  expect(of({ cookies: [['theme', 'dark']] })).toEqual(refused('credential_missing'));
});

describe('an explicit credential outranks the cookie and is final', () => {
  test.each<[string, string, string | readonly string[]]>([
    ['an empty Authorization', 'authorization', ''],
    ['an empty x-api-key', 'x-api-key', ''],
    ['white space only', 'x-api-key', ' \t '],
    ['Bearer without a value', 'authorization', 'Bearer'],
    ['Bearer and a space', 'authorization', 'Bearer '],
    ['Bearer and a tab before the value', 'authorization', 'Bearer\tthe-key'],
    ['a value without a scheme', 'authorization', 'a.b.c'],
    ['the scheme run into the value', 'authorization', 'Bearerthe-key'],
    ['another scheme', 'authorization', 'Basic dXNlcjpwYXNz'],
    ['another scheme with a token', 'authorization', 'DPoP a.b.c'],
    ['two words after Bearer', 'authorization', 'Bearer a b'],
    ['Bearer after another scheme', 'authorization', 'DPoP Bearer a.b.c'],
    ['a scheme that ends in Bearer', 'authorization', 'XBearer a.b.c'],
    ['a control character', 'x-api-key', 'the\u0000key'],
    ['a line break', 'authorization', 'Bearer the-key\n'],
    ['a character outside ASCII', 'x-api-key', 'thé-key'],
    ['a no-break space around a key', 'x-api-key', '\u00a0the-key'],
    ['a no-break space as the separator', 'authorization', 'Bearer\u00a0the-key'],
  ])('%s beside a valid-looking cookie is credential_malformed', (_, name, value) => {
    expect(of({ headers: { [name]: value }, cookies: [cookie] })).toEqual(refused('credential_malformed'));
  });

  test('a well-formed one is used and the cookie is not', () => {
    expect(of({ headers: { 'x-api-key': 'the-key' }, cookies: [cookie] })).toEqual(key);
    expect(of({ headers: { authorization: 'Bearer a.b.c' }, cookies: [cookie, [names.token, 'x']] })).toEqual(
      token,
    );
  });
});

describe('two explicit credentials are credential_ambiguous', () => {
  test.each<[string, Record<string, string | readonly string[]>]>([
    ['both headers', { 'x-api-key': 'the-key', authorization: 'Bearer a.b.c' }],
    ['both headers with one value', { 'x-api-key': 'the-key', authorization: 'Bearer the-key' }],
    ['both headers, one of them empty', { 'x-api-key': 'the-key', authorization: '' }],
    ['both headers, both empty', { 'x-api-key': '', authorization: '' }],
    ['a repeated x-api-key', { 'x-api-key': ['one', 'other'] }],
    ['a repeated Authorization', { authorization: ['Bearer a.b.c', 'Bearer a.b.d'] }],
    ['repeated headers as HTTP APIs join them', { authorization: 'Bearer a.b.c,Bearer a.b.d' }],
    ['keys joined by a comma', { 'x-api-key': 'one, other' }],
    ['an empty value beside a full one', { 'x-api-key': ['', 'one'] }],
    ['a trailing comma', { 'x-api-key': 'one,' }],
  ])('%s', (_, headers) =>
    expect(of({ headers, cookies: [cookie] })).toEqual(refused('credential_ambiguous')),
  );

  test.each<[string, Record<string, string | readonly string[]>]>([
    ['repeated', { 'x-api-key': ['the-key', 'the-key'] }],
    ['joined', { 'x-api-key': 'the-key, the-key' }],
    ['repeated with other white space', { authorization: ['Bearer the-key', ' Bearer the-key\t'] }],
  ])('but one credential sent twice is one: %s', (_, headers) => expect(of({ headers })).toEqual(key));
});

describe('session cookies', () => {
  const data = (...parts: readonly (readonly [string, string])[]) => of({ cookies: [cookie, ...parts] });
  const withData = (value: string): Credential => ({
    kind: 'session',
    cookies: { token: 'token.signature', data: value },
  });

  test('a name sent twice with different values is credential_ambiguous, with one value it is not', () => {
    expect(of({ cookies: [cookie, [names.token, 'other']] })).toEqual(refused('credential_ambiguous'));
    expect(of({ cookies: [cookie, cookie] })).toEqual(session);
    expect(data([names.data, 'a'], [names.data, 'b'])).toEqual(refused('credential_ambiguous'));
    expect(data([`${names.data}.0`, 'a'], [`${names.data}.0`, 'b'])).toEqual(refused('credential_ambiguous'));
  });

  test('two spellings of one value are different values', () => {
    expect(of({ cookies: [cookie, [names.token, 'token%2Esignature']] })).toEqual(
      refused('credential_ambiguous'),
    );
  });

  test.each([
    ['better-auth-session'],
    ['__Host-better-auth-session'],
    ['__secure-better-auth-session'],
    ['\u00a0__Secure-better-auth-session'],
    ['__Secure-better-auth-session\u2003'],
    ['__Secure-better-auth-session.0'],
  ])('the cookie %j of another name is no session', (name) => {
    expect(of({ cookies: [[name, 'token.signature']] })).toEqual(refused('credential_missing'));
  });

  test('one round of percent-decoding, and quotes as Better Auth reads them', () => {
    expect(of({ cookies: [[names.token, 'a%2Bb%3D.c%3D']] })).toEqual({
      kind: 'session',
      cookies: { token: 'a+b=.c=' },
    });
    expect(of({ cookies: [[names.token, 'a%252E']] })).toEqual({
      kind: 'session',
      cookies: { token: 'a%2E' },
    });
    expect(of({ cookies: [[names.token, '"a%2Bb"']] })).toEqual({
      kind: 'session',
      cookies: { token: 'a+b' },
    });
  });

  test('a quote that opens nothing is part of the value, for Better Auth too', () => {
    expect(of({ cookies: [[names.token, 'a.b"']] })).toEqual({ kind: 'session', cookies: { token: 'a.b"' } });
  });

  test.each([['%'], ['%G0'], ['%C3%28'], ['%E0%80%80'], ['a%'], [''], ['""'], ['"']])(
    'a session token %j that cannot be decoded, or is empty, is credential_malformed',
    (value) => expect(of({ cookies: [[names.token, value]] })).toEqual(refused('credential_malformed')),
  );

  test('a cookie cache that cannot be decoded is only a lost cache', () => {
    expect(data([names.data, '%'])).toEqual(session);
    expect(data([names.data, ''])).toEqual(session);
    expect(data([`${names.data}.0`, ''])).toEqual(session);
  });

  test('the cookie cache is joined from its chunks by number, whatever their order in the header', () => {
    const chunks = Array.from({ length: 12 }, (_, index): [string, string] => [
      `${names.data}.${index}`,
      `<${index}>`,
    ]);
    expect(data(...chunks.toReversed())).toEqual(withData(chunks.map(([, value]) => value).join('')));
    expect(data([names.data, 'whole'], [`${names.data}.0`, 'part'])).toEqual(withData('whole'));
  });

  test('chunks after a gap are not joined to those before it', () => {
    expect(data([`${names.data}.0`, 'a'], [`${names.data}.2`, 'c'])).toEqual(withData('a'));
    expect(data([`${names.data}.1`, 'b'])).toEqual(session);
  });

  test('a cookie cache alone is no session', () => {
    expect(of({ cookies: [[names.data, 'data']] })).toEqual(refused('credential_missing'));
  });
});

test('an oversized request is credential_malformed whatever else it carries', () => {
  expect(of({ oversized: true })).toEqual(refused('credential_malformed'));
  expect(of({ oversized: true, headers: { 'x-api-key': 'the-key' } })).toEqual(
    refused('credential_malformed'),
  );
  expect(of({ oversized: true, cookies: [cookie] })).toEqual(refused('credential_malformed'));
});
