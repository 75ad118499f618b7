import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { jws } from '../support/jws.ts';
import { outcomeOf } from '../support/outcome.ts';
import { claims, header, secretOf, tokenWith } from '../support/world.ts';

let world: TestAuthorizer;
let authority: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
  authority = world.compose();
});
afterAll(() => world.stop());

const of = (token: string): Promise<string> =>
  outcomeOf(world, { headers: { Authorization: `Bearer ${token}` } }, authority);

const secret = secretOf('token-signing');
const good = tokenWith();
const [head = '', body = '', signature = ''] = good.split('.');
const headed = (text: string): string => jws(text, claims, secret);
const saying = (text: string): string => jws(header, text, secret);
const claimsText = JSON.stringify(claims);
const headerText = JSON.stringify(header);
/** A member added to a JSON text in front of the others. */
const before = (text: string, member: string): string => text.replace('{', `{${member},`);

test('the token that every refused one below differs from is allowed', async () => {
  expect(await of(good)).toBe('allow');
});

describe('a token of another form is credential_malformed, properly signed or not', () => {
  const padded = (part: string): string => part + '='.repeat((4 - (part.length % 4)) % 4 || 1);
  const signedAs = (signed: string): string =>
    `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  /** The last of 43 characters carries two bits that decode to nothing. */
  const stray = (part: string): string => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return part.slice(0, -1) + alphabet.charAt(alphabet.indexOf(part.slice(-1)) ^ 1);
  };

  test.each<[string, string]>([
    ['padding after the signature', `${head}.${body}.${padded(signature)}`],
    ['padding inside the signed parts', signedAs(`${padded(head)}.${padded(body)}`)],
    ['stray bits in the last character of the signature', `${head}.${body}.${stray(signature)}`],
    ['the other base64 alphabet', `${head}.${body}.${'+/'.repeat(21)}A`],
    ['an empty signature', `${head}.${body}.`],
    ['an empty payload', signedAs(`${head}.`)],
    ['an empty header', signedAs(`.${body}`)],
    ['a signature that is too short', `${head}.${body}.${signature.slice(0, 42)}`],
    ['a signature that is too long', `${head}.${body}.${signature}AAAA`],
    [
      'a signature of another algorithm',
      `${head}.${body}.${createHmac('sha512', secret).update(`${head}.${body}`).digest('base64url')}`,
    ],
  ])('%s', async (_, token) => expect(await of(token)).toBe('credential_malformed'));

  test.each<[string, string]>([
    ['algorithm none', headed('{"alg":"none","typ":"ext+jwt","kid":"token-signing"}')],
    ['algorithm HS512', headed('{"alg":"HS512","typ":"ext+jwt","kid":"token-signing"}')],
    ['algorithm RS256', headed('{"alg":"RS256","typ":"ext+jwt","kid":"token-signing"}')],
    ['an algorithm in another case', headed('{"alg":"hs256","typ":"ext+jwt","kid":"token-signing"}')],
    ['a list of algorithms', headed('{"alg":["HS256"],"typ":"ext+jwt","kid":"token-signing"}')],
    ['no algorithm', headed('{"typ":"ext+jwt","kid":"token-signing"}')],
    ['typ JWT', headed('{"alg":"HS256","typ":"JWT","kid":"token-signing"}')],
    ['typ in another case', headed('{"alg":"HS256","typ":"EXT+JWT","kid":"token-signing"}')],
    ['typ with its prefix', headed('{"alg":"HS256","typ":"application/ext+jwt","kid":"token-signing"}')],
    ['no typ', headed('{"alg":"HS256","kid":"token-signing"}')],
    ['no kid', headed('{"alg":"HS256","typ":"ext+jwt"}')],
    ['an empty kid', headed('{"alg":"HS256","typ":"ext+jwt","kid":""}')],
    ['a kid that is an object', headed('{"alg":"HS256","typ":"ext+jwt","kid":{}}')],
    ['a kid that is a list', headed('{"alg":"HS256","typ":"ext+jwt","kid":["token-signing"]}')],
    ['a kid that is a number', headed('{"alg":"HS256","typ":"ext+jwt","kid":1}')],
    ['a kid that is null', headed('{"alg":"HS256","typ":"ext+jwt","kid":null}')],
    ['a kid that is a path', headed('{"alg":"HS256","typ":"ext+jwt","kid":"../token-signing"}')],
    ['a kid with a line break', headed('{"alg":"HS256","typ":"ext+jwt","kid":"token-signing\\n"}')],
    ['a kid of 65 characters', headed(`{"alg":"HS256","typ":"ext+jwt","kid":"${'k'.repeat(65)}"}`)],
    ['crit', headed(before(headerText, '"crit":["exp"]'))],
    ['an unencoded payload', headed(before(headerText, '"b64":false'))],
    ['a key of its own', headed(before(headerText, '"jwk":{"kty":"oct","k":"AAAA"}'))],
    ['an address of keys', headed(before(headerText, '"jku":"https://evil.test"'))],
    ['a certificate', headed(before(headerText, '"x5c":[]'))],
    ['compression', headed(before(headerText, '"zip":"DEF"'))],
    ['a parameter named like one every object has', headed(before(headerText, '"toString":1'))],
    ['__proto__ in the header', headed(before(headerText, '"__proto__":{}'))],
    ['constructor in the header', headed(before(headerText, '"constructor":{}'))],
    ['kid twice', headed(before(headerText, '"kid":"token-signing"'))],
    ['alg twice, once escaped', headed(before(headerText, '"\\u0061lg":"none"'))],
    ['a header that is a list', headed(`[${headerText}]`)],
    ['a header that is a text', headed('"HS256"')],
    ['a header that is null', headed('null')],
    ['a header that is no JSON', headed(`${headerText},`)],
    ['a byte order mark', headed(`\ufeff${headerText}`)],
  ])('header: %s', async (_, token) => expect(await of(token)).toBe('credential_malformed'));

  test.each<[string, string]>([
    ['sub twice', saying(before(claimsText, '"sub":"mallory"'))],
    ['sub twice with one value', saying(before(claimsText, `"sub":"${claims.sub}"`))],
    ['sub twice, once escaped', saying(before(claimsText, '"\\u0073ub":"mallory"'))],
    ['scopes twice', saying(before(claimsText, '"scopes":["*"]'))],
    ['a member twice inside another', saying(before(claimsText, '"extra":{"a":1,"a":2}'))],
    ['a member twice inside a list', saying(before(claimsText, '"extra":[[{"a":1,"a":2}]]'))],
    ['__proto__ twice', saying(before(claimsText, '"__proto__":{},"__proto__":{}'))],
    ['null', saying('null')],
    ['a text', saying(JSON.stringify(claimsText))],
    ['a number', saying('1')],
    ['no JSON', saying(claimsText.slice(0, -1))],
    ['JSON and more', saying(`${claimsText}{}`)],
    ['a comment', saying(`${claimsText}//`)],
    ['NaN', saying(before(claimsText, '"nbf":NaN'))],
    ['a byte order mark', saying(`\ufeff${claimsText}`)],
  ])('payload: %s', async (_, token) => expect(await of(token)).toBe('credential_malformed'));
});
