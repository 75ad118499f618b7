import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jwtVerify } from 'jose';
import { createHmac } from 'node:crypto';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { jws } from '../support/jws.ts';
import { decided, patientProcess } from '../support/patient.ts';
import {
  betterAuthUrl,
  claims,
  extension,
  header,
  nowSeconds,
  secretOf,
  tokenWith,
} from '../support/world.ts';

const secret = secretOf('token-signing');

let world: TestAuthorizer;
let by: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
  by = patientProcess(world);
});
afterAll(() => world.stop());

const of = (token: string): Promise<string> =>
  decided(by, world, { headers: { Authorization: `Bearer ${token}` } });

/** As an endpoint would use the library: algorithm, issuer and audience given. */
const joseAccepts = (token: string, key = secret): Promise<boolean> =>
  jwtVerify(token, Buffer.from(key), {
    algorithms: ['HS256'],
    issuer: betterAuthUrl,
    audience: extension,
    currentDate: new Date(nowSeconds * 1000),
  }).then(
    () => true,
    () => false,
  );

const good = tokenWith();
const [head = '', body = '', signature = ''] = good.split('.');

/** The same 32 bytes: the last of 43 characters carries two bits that decode to nothing. */
function otherSpelling(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.slice(-1)) ^ 1);
}

test('the token that every one below differs from is accepted by both', async () => {
  expect([await joseAccepts(good), await of(good)]).toEqual([true, 'allow']);
});

describe('what jose accepts (6.2) and is refused here:', () => {
  test.each<[string, string, string]>([
    ['no exp', tokenWith({ exp: undefined }), 'claims_invalid'],
    ['an exp in ten years', tokenWith({ exp: nowSeconds + 315_360_000 }), 'claims_invalid'],
    [
      'an exp of infinity',
      jws(header, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999'), secret),
      'claims_invalid',
    ],
    ['an iat ahead', tokenWith({ iat: nowSeconds + 100, exp: nowSeconds + 200 }), 'claims_invalid'],
    ['no iat', tokenWith({ iat: undefined }), 'claims_invalid'],
    ['no sub', tokenWith({ sub: undefined }), 'claims_invalid'],
    ['several audiences', tokenWith({ aud: [extension, 'another'] }), 'claims_invalid'],
    ['typ JWT', tokenWith({}, { typ: 'JWT' }), 'credential_malformed'],
    ['no typ', tokenWith({}, { typ: undefined }), 'credential_malformed'],
    ['a kid that is an object', tokenWith({}, { kid: {} }), 'credential_malformed'],
    ['another header parameter', tokenWith({}, { jku: 'https://evil.test' }), 'credential_malformed'],
    ['= after the signature', `${good}=`, 'credential_malformed'],
    [
      'another spelling of the signature',
      `${head}.${body}.${otherSpelling(signature)}`,
      'credential_malformed',
    ],
    [
      'a member twice',
      jws(header, JSON.stringify(claims).replace('{', '{"scopes":["*"],'), secret),
      'credential_malformed',
    ],
  ])('%s', async (_, token, reason) => {
    expect(await joseAccepts(token)).toBe(true);
    expect(await of(token)).toBe(reason);
  });

  test('white space in the signature: no header value a token is taken from has any', async () => {
    const spaced = `${good.slice(0, -5)} ${good.slice(-5)}`;
    expect(await joseAccepts(spaced)).toBe(true);
    expect(await of(spaced)).toBe('credential_malformed');
  });

  test('a key of one byte: a ring that holds one is no ring, and nothing is accepted', async () => {
    const weak = jws({ ...header, kid: 'weak' }, claims, 'k');
    expect(await joseAccepts(weak, 'k')).toBe(true);
    const keys = [{ kid: 'weak', k: 'k', signFrom: 1 }];
    const other = await startAuthorizer();
    other.secrets.values.set('extension-token', { value: JSON.stringify({ keys }), versionId: 'v2' });
    await expect(
      decided(patientProcess(other), other, { headers: { Authorization: `Bearer ${weak}` } }),
    ).rejects.toMatchObject({ kind: 'secret' });
    await other.stop();
  });
});

describe('a hostile kid selects nothing', () => {
  const signedAs = (kid: string): string => {
    const text = `${Buffer.from(`{"alg":"HS256","typ":"ext+jwt","kid":${kid}}`).toString('base64url')}.${body}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };

  test.each([
    ['__proto__', '"__proto__"', 'signature_invalid'],
    ['constructor', '"constructor"', 'signature_invalid'],
    ['toString', '"toString"', 'signature_invalid'],
    ['length', '"length"', 'signature_invalid'],
    ['a number of a list', '"0"', 'signature_invalid'],
    ['a path', '"../../etc/passwd"', 'credential_malformed'],
    ['an address', '"https://evil.test/keys"', 'credential_malformed'],
    ['a pattern', '"token-*"', 'credential_malformed'],
    ['a zero byte', '"token-signing\\u0000"', 'credential_malformed'],
    ['the name with white space', '" token-signing"', 'credential_malformed'],
    ['an object', '{"toString":"token-signing"}', 'credential_malformed'],
    ['a list of the name', '["token-signing"]', 'credential_malformed'],
    ['lists in each other', `${'['.repeat(300)}${']'.repeat(300)}`, 'credential_malformed'],
    ['true', 'true', 'credential_malformed'],
    ['a huge number', '1e308', 'credential_malformed'],
    ['2,000 characters', `"${'k'.repeat(2000)}"`, 'credential_malformed'],
    ['10,000 characters', `"${'k'.repeat(10_000)}"`, 'credential_malformed'],
  ])('%s', async (_, kid, reason) => expect(await of(signedAs(kid))).toBe(reason));

  test('and 500 unknown ones ask for the ring once: the name is no lever against Secrets Manager', async () => {
    world.clock.advance(11_000);
    const before = world.secrets.calls();
    for (let each = 0; each < 500; each += 1) {
      expect(await of(signedAs(`"unknown-${each}"`))).toBe('signature_invalid');
    }
    expect(world.secrets.calls() - before).toBe(1);
  });
});

describe('hostile numbers and lists in claims are claims_invalid', () => {
  const saying = (name: string, text: string): string =>
    jws(header, JSON.stringify({ ...claims, [name]: 'HERE' }).replace('"HERE"', text), secret);
  test.each([
    ['an exp beyond exact numbers', 'exp', '9007199254740993'],
    ['an exp of 300 digits', 'exp', '9'.repeat(300)],
    ['an iat of minus nothing', 'iat', '-0.1'],
    ['an nbf of 1e21', 'nbf', '1e21'],
    ['scopes in scopes', 'scopes', '[["records:read"]]'],
    ['scopes in scopes, 300 deep', 'scopes', `${'['.repeat(300)}${']'.repeat(300)}`],
    ['scopes with a hole', 'scopes', '[null,"records:read"]'],
    ['scopes that are an object', 'scopes', '{"0":"records:read","length":1}'],
    ['a user that is a list of the user', 'userId', JSON.stringify([claims.userId])],
    ['an organization that is an object', 'orgId', `{"id":${JSON.stringify(claims.orgId)}}`],
  ])('%s', async (_, name, text) => expect(await of(saying(name, text))).toBe('claims_invalid'));
});
