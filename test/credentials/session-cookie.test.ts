import { describe, expect, test } from '@jest/globals';
import { isSignedBy, splitSignedToken } from '../../lambda/credentials/session-cookie.ts';
import { signedToken } from '../support/cookie.ts';

const secret = 'the-secret-that-signs-cookies-now-000';
const signature = signedToken('token', secret).slice('token.'.length);

describe('a signed cookie', () => {
  test('is split at its last dot: a token may have dots of its own', () => {
    for (const token of ['t', 'token', 'to.ken', '.token', 'token.']) {
      const cookie = signedToken(token, secret);
      expect(splitSignedToken(cookie)).toEqual({ token, signature: cookie.slice(token.length + 1) });
    }
  });

  test.each([
    ['nothing', ''],
    ['a token alone', 'token'],
    ['a signature alone', signature],
    ['a signature of no token', `.${signature}`],
    ['an empty signature', 'token.'],
    ['a signature without its padding', `token.${signature.slice(0, -1)}`],
    ['more padding', `token.${signature}=`],
    ['a character less', `token.${signature.slice(1)}`],
    ['a character more', `token.A${signature}`],
    ['the one character of base64url', `token.${'A'.repeat(21)}-${'A'.repeat(21)}=`],
    ['its other one', `token.${'A'.repeat(21)}_${'A'.repeat(21)}=`],
    ['another character in front', `token.!${'A'.repeat(42)}=`],
    ['another character within', `token.${'A'.repeat(21)}!${'A'.repeat(21)}=`],
    ['padding within', `token.${'A'.repeat(21)}=${'A'.repeat(22)}`],
    ['a line break', `token.${signature}\n`],
    ['white space in front', `token. ${signature}`],
  ])('is none with %s: there is nothing to verify', (_, cookie) =>
    expect(splitSignedToken(cookie)).toBeUndefined(),
  );
});

describe('a signature holds', () => {
  const holds = (cookie: string, by: string): boolean => {
    const signed = splitSignedToken(cookie);
    return signed !== undefined && isSignedBy(signed, { kid: 'k', k: by, signFrom: 0 });
  };

  test('under the secret that made it, and under no other', () => {
    expect(holds(signedToken('token', secret), secret)).toBe(true);
    for (const other of ['', 'x', secret.slice(0, -1), `${secret} `, secret.toUpperCase()])
      expect(holds(signedToken('token', secret), other)).toBe(false);
  });

  test('for the token it was made for, and for no other', () => {
    for (const other of ['tokem', 'toke', 'token.', 'tokentoken'])
      expect(holds(`${other}.${signature}`, secret)).toBe(false);
  });
});
