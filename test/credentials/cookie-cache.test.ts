import { describe, expect, test } from '@jest/globals';
import { isCurrent, verifyCookieCache } from '../../lambda/credentials/cookie-cache.ts';
import { start } from '../support/clock.ts';
import { compactCache } from '../support/cookie.ts';
import { jws } from '../support/jws.ts';

const secret = 'the-secret-that-signs-cookies-now-000';
const older = 'the-secret-that-signed-cookies-before';
const cached = {
  session: {
    id: 'session-1',
    token: 'token-1',
    userId: 'user-1',
    activeOrganizationId: 'org-1',
    expiresAt: new Date(start + 1000).toISOString(),
    createdAt: new Date(start - 1000).toISOString(),
  },
  user: { id: 'user-1' },
  updatedAt: start,
  version: '1',
};
const exp = Math.floor(start / 1000) + 60;
const keys = [
  { kid: 'older', k: older, signFrom: 0 },
  { kid: 'now', k: secret, signFrom: 1 },
];
const read = (cookie: string, now = start) => {
  const cache = verifyCookieCache(cookie, 'token-1', keys);
  return cache && isCurrent(cache, now) ? { session: cache.session, kid: cache.key.kid } : undefined;
};
const compact = (session: object = cached, by = secret, expiresAt = exp * 1000): string =>
  compactCache(session, expiresAt, by);
const jwt = (given: object = {}, header: object | string = { alg: 'HS256' }, by = secret): string =>
  jws(header, { ...cached, iat: exp - 300, exp, ...given }, by);
const hit = {
  id: 'session-1',
  token: 'token-1',
  userId: 'user-1',
  activeOrganizationId: 'org-1',
  expiresAt: start + 1000,
  createdAt: start - 1000,
};

test('a cookie cache of either strategy, under any key of the ring, says whose session it is', () => {
  for (const cookie of [compact(), jwt()]) expect(read(cookie)).toEqual({ session: hit, kid: 'now' });
  for (const cookie of [compact(cached, older), jwt({}, { alg: 'HS256' }, older)]) {
    expect(read(cookie)).toEqual({ session: hit, kid: 'older' });
  }
});

test('a JWT without a version is of the first one, as Better Auth takes it', () => {
  expect(read(jwt({ version: undefined }))).toEqual({ session: hit, kid: 'now' });
});

test('a session is read the same, however many bytes its texts and its user’s take', () => {
  for (const text of ['Zoë', '€', '🔑', 'ü'.repeat(300)]) {
    const session = { ...cached.session, userAgent: text };
    for (const user of [cached.user, { name: text }])
      expect(read(compact({ ...cached, session, user }))).toEqual({ session: hit, kid: 'now' });
  }
});

test('one byte that is no UTF-8, or another character, is a miss', () => {
  const bytes = Buffer.from(compact({ ...cached, user: { name: 'Zoë' } }), 'base64url');
  const at = bytes.indexOf('ë');
  for (const byte of [0x00, 0x41, 0x80, 0xff]) {
    const changed = Buffer.from(bytes);
    changed[at] = byte;
    expect(read(changed.toString('base64url'))).toBeUndefined();
  }
});

test('a session is read the same, whatever it and its user say of users', () => {
  const hostile = ['"},"user":{"', '},"user":{', ',"user":{', '\\', '\\"},\\"user\\":{'];
  for (const userAgent of hostile) {
    const session = { ...cached.session, userAgent };
    for (const user of [cached.user, { name: userAgent, user: {} }]) {
      expect(read(compact({ ...cached, session, user }))).toEqual({ session: hit, kid: 'now' });
    }
  }
});

describe('is only a miss:', () => {
  const session = (given: object) => ({ ...cached, session: { ...cached.session, ...given } });
  test.each<[string, string]>([
    ['nothing', ''],
    ['what is no cookie cache', 'hello'],
    ['what is encrypted', 'a.b.c.d.e'],
    ['another key', compact(cached, 'another-secret-of-another-deployment')],
    ['another key, as a JWT', jwt({}, { alg: 'HS256' }, 'another-secret-of-another-deployment')],
    ['no key', compact(cached, '')],
    ['another header, properly signed', jwt({}, { alg: 'HS256', typ: 'JWT' })],
    [
      'the header of an extension token, properly signed',
      jwt({}, { alg: 'HS256', typ: 'ext+jwt', kid: 'k' }),
    ],
    ['algorithm none, properly signed', jwt({}, { alg: 'none' })],
    ['the header spelled otherwise', jwt({}, '{"alg": "HS256"}')],
    ['a part more', `${jwt()}.x`],
    ['a JWT without exp', jwt({ exp: undefined })],
    ['a JWT of exp as text', jwt({ exp: String(exp) })],
    ['another version', compact({ ...cached, version: '2' })],
    ['another version, as a JWT', jwt({ version: '2' })],
    ['a version that is a number, as a JWT', jwt({ version: 1 })],
    ['another token', compact(session({ token: 'token-2' }))],
    ['another token, as a JWT', jwt(session({ token: 'token-2' }))],
    ['a session that has expired', compact(session({ expiresAt: new Date(start).toISOString() }))],
    ['a session that expires on no date', compact(session({ expiresAt: 'soon' }))],
    ['a session that expires never', compact(session({ expiresAt: null }))],
    ['a session that expires on a number', compact(session({ expiresAt: 2100 }))],
    ['a session made on no date', compact(session({ createdAt: 'soon' }))],
    ['a session made on a number', jwt(session({ createdAt: 2000 }))],
    ['no user', compact(session({ userId: undefined }))],
    ['a user that is a number', compact(session({ userId: 1 }))],
    ['a session without an id', jwt(session({ id: undefined }))],
    ['a session whose token is a list', compact(session({ token: ['token-1'] }))],
    ['an empty organization', compact(session({ activeOrganizationId: '' }))],
    ['an organization that is a number', jwt(session({ activeOrganizationId: 1 }))],
    ['a user before the session', compact(Object.assign({ user: cached.user }, cached))],
    ['no user behind the session', compact({ ...cached, user: undefined })],
    ['a user within the session', compact(session({ more: { some: {}, user: {} } }))],
    ['no version', compact({ ...cached, version: undefined })],
    ['a version that is a number', compact({ ...cached, version: 1 })],
    ['no session', jws({ alg: 'HS256' }, { exp, version: '1' }, secret)],
    ['a session of nothing', jws({ alg: 'HS256' }, { ...cached, session: null, exp }, secret)],
    ['nothing, as a JWT', jws({ alg: 'HS256' }, 'null', secret)],
    ['a text, as a JWT', jws({ alg: 'HS256' }, '"text"', secret)],
    ['no JSON, as a JWT', jws({ alg: 'HS256' }, '{', secret)],
    ['a JWT without a payload', `${jwt().split('.')[0]}..${jwt().split('.')[2]}`],
    ['a JWT without a signature', jwt().split('.').slice(0, 2).join('.')],
    ['a header alone', `${jwt().split('.')[0]}.`],
    ['no organization', compact(session({ activeOrganizationId: null }))],
    [
      'an expiry of infinity',
      Buffer.from(`{"session":${JSON.stringify(cached)},"expiresAt":1e999,"signature":"x"}`).toString(
        'base64url',
      ),
    ],
  ])('%s', (_, cookie) => expect(read(cookie)).toBeUndefined());

  test('one from the moment it expires', () => {
    const long = session({ expiresAt: new Date(start + 86_400_000).toISOString() });
    for (const cookie of [compact(long), jwt(long)]) {
      expect(read(cookie, exp * 1000 - 1)).toBeDefined();
      expect(read(cookie, exp * 1000)).toBeUndefined();
    }
  });

  test('one that was written in another way than Better Auth writes it, whoever signed it', () => {
    const text = Buffer.from(compact(), 'base64url').toString();
    const written = (from: string | RegExp, to: string): string => {
      const changed = text.replace(from, to);
      expect(changed).not.toBe(text);
      return Buffer.from(changed).toString('base64url');
    };
    expect(read(Buffer.from(text).toString('base64url'))).toBeDefined();
    for (const cookie of [
      written(/\}$/, '} '),
      written(/\}$/, ',"x":1}'),
      written(/\}$/, ''),
      written('{"session":', '{"sessiom":'),
      written('{"session":', ' {"session":'),
      written(/"expiresAt":(\d+),"signature"/, '"expiresAt":"$1","signature"'),
      written(/"expiresAt":(\d+),"signature"/, '"expiresAt":0$1,"signature"'),
      written(/"expiresAt":(\d+),"signature"/, '"expiresAt":-$1,"signature"'),
      written(/"signature":"(.)/, '"signature":"$1$1'),
      written(/"signature":"(.)/, '"signature":"'),
      written(/"signature":"[^"]+"/, '"signature":""'),
    ]) {
      expect([cookie, read(cookie)]).toEqual([cookie, undefined]);
    }
  });

  test('one in which anything that is signed was changed', () => {
    const [outer] = [Buffer.from(compact(), 'base64url').toString()];
    for (const [from, to] of [
      ['user-1', 'user-2'],
      ['org-1', 'org-2'],
      [`${exp * 1000}`, `${exp * 1000 + 1}`],
      ['"version":"1"', '"version":"1","x":1'],
    ]) {
      const changed = outer.replace(from ?? '', to ?? '');
      expect(changed).not.toBe(outer);
      expect(read(Buffer.from(changed).toString('base64url'))).toBeUndefined();
    }
  });
});
