import { describe, expect, test } from '@jest/globals';
import { compileOrigins, isOriginAccepted, trustedOrigin } from '../../lambda/core/origin.ts';
import { accessRequest } from '../support/request.ts';

const trusted = compileOrigins([
  'https://api.crm.example.com',
  'https://*.apps.example.com',
  'https://*.dev.example.com:8443',
  'http://localhost:3000',
]);

describe('the matcher trusts', () => {
  test.each([
    ['https://api.crm.example.com'],
    ['https://a.apps.example.com'],
    ['https://a.b.c.d.e.apps.example.com'],
    ['https://xn--bcher-kva.apps.example.com'],
    ['https://a-b.apps.example.com'],
    ['https://my-shop.eu-west.apps.example.com'],
    ['https://a.dev.example.com:8443'],
    ['http://localhost:3000'],
  ])('%s', (origin) => expect(trusted(origin)).toBe(true));
});

describe('the matcher refuses', () => {
  test.each([
    ['another host with the trusted one in front', 'https://api.crm.example.com.evil.test'],
    ['another host that ends in the same letters', 'https://evilapi.crm.example.com'],
    ['a subdomain of an exact one', 'https://x.api.crm.example.com'],
    ['another scheme', 'http://api.crm.example.com'],
    ['another port', 'https://api.crm.example.com:8443'],
    ['the default port spelled out', 'https://api.crm.example.com:443'],
    ['upper case', 'https://API.crm.example.com'],
    ['a trailing slash', 'https://api.crm.example.com/'],
    ['a trailing dot', 'https://api.crm.example.com.'],
    ['user information', 'https://api.crm.example.com@evil.test'],
    ['null', 'null'],
    ['nothing', ''],
    ['the bare domain of a wildcard', 'https://apps.example.com'],
    ['an empty label', 'https://.apps.example.com'],
    ['an empty label among others', 'https://a..apps.example.com'],
    ['the letters without the dot', 'https://evilapps.example.com'],
    ['a wildcard with a path', 'https://evil.test/.apps.example.com'],
    ['a wildcard with a query', 'https://evil.test?.apps.example.com'],
    ['a wildcard with a fragment', 'https://evil.test#.apps.example.com'],
    ['a wildcard with a backslash', 'https://evil.test\\.apps.example.com'],
    ['a wildcard with user information', 'https://a@b.apps.example.com'],
    ['a wildcard with a port in front', 'https://evil.test:1.apps.example.com'],
    ['a wildcard with a port it does not have', 'https://a.apps.example.com:8443'],
    ['a wildcard without the port it has', 'https://a.dev.example.com'],
    ['a wildcard in upper case', 'https://A.apps.example.com'],
    ['a wildcard with a host in Unicode', 'https://bücher.apps.example.com'],
    ['the wildcard itself', 'https://*.apps.example.com'],
    ['a label that starts with a hyphen', 'https://-a.apps.example.com'],
    ['a label that ends with a hyphen', 'https://a-.apps.example.com'],
    ['a label on the way that ends with a hyphen', 'https://a-.b.apps.example.com'],
    ['a trusted one as the scheme of another', 'https://api.crm.example.com://evil'],
    ['a line break', 'https://a.apps.example.com\n'],
    ['two origins', 'https://a.apps.example.com,https://evil.test'],
  ])('%s', (_, origin) => expect(trusted(origin)).toBe(false));

  test('everything when nothing is trusted', () => {
    expect(compileOrigins([])('https://api.crm.example.com')).toBe(false);
    expect(compileOrigins([])('')).toBe(false);
  });

  test('everything that a star anywhere but in front of whole labels could mean', () => {
    const odd = compileOrigins(['*', 'https://*', 'https://*example.com', 'https://app.*.com', '*://a.test']);
    for (const origin of [
      'https://example.com',
      'https://evilexample.com',
      'https://a.example.com',
      'https://app.evil.com',
      'https://a.test',
      '*',
      'https://*',
    ]) {
      expect(odd(origin)).toBe(false);
    }
  });

  test('a label of 10,000 characters in no noticeable time', () => {
    const before = performance.now();
    trusted(`https://${'a'.repeat(10_000)}!.apps.example.com`);
    trusted(`https://${'a.'.repeat(5_000)}!.apps.example.com`);
    trusted(`https://${'-'.repeat(10_000)}.apps.example.com`);
    expect(performance.now() - before).toBeLessThan(100);
  });
});

describe('a session request is acted on', () => {
  const accepted = (method: string, headers: Record<string, string | readonly string[]> = {}) =>
    isOriginAccepted(accessRequest({ headers }), method, trusted);
  const good = 'https://a.apps.example.com';
  const evil = 'https://evil.test';

  test.each([['POST'], ['PUT'], ['DELETE'], ['PATCH'], ['$connect']])(
    'by %s only with a trusted origin',
    (method) => {
      expect(accepted(method, { origin: good })).toBe(true);
      expect(accepted(method)).toBe(false);
      expect(accepted(method, { origin: '' })).toBe(false);
      expect(accepted(method, { origin: 'null' })).toBe(false);
      expect(accepted(method, { origin: evil })).toBe(false);
      expect(accepted(method, { 'sec-fetch-site': 'same-origin' })).toBe(false);
      expect(accepted(method, { referer: `${good}/page` })).toBe(false);
    },
  );

  test.each([['GET'], ['HEAD'], ['OPTIONS']])(
    'by %s without an origin, unless it comes from another site',
    (method) => {
      expect(accepted(method)).toBe(true);
      expect(accepted(method, { 'sec-fetch-site': 'same-site' })).toBe(true);
      expect(accepted(method, { 'sec-fetch-site': 'cross-site' })).toBe(false);
      expect(accepted(method, { 'sec-fetch-site': ' Cross-Site ' })).toBe(false);
      expect(accepted(method, { 'sec-fetch-site': ['none', 'cross-site'] })).toBe(false);
      expect(accepted(method, { origin: evil })).toBe(false);
      expect(accepted(method, { origin: '' })).toBe(false);
      expect(accepted(method, { origin: good, 'sec-fetch-site': 'cross-site' })).toBe(true);
    },
  );

  test('with an origin that has no value never', () => {
    expect(accepted('POST', { origin: [] })).toBe(false);
    expect(accepted('GET', { origin: [] })).toBe(false);
  });

  test('with two origins never, with one sent twice as with one', () => {
    expect(accepted('POST', { origin: [good, evil] })).toBe(false);
    expect(accepted('GET', { origin: [good, evil] })).toBe(false);
    expect(accepted('POST', { origin: [good, good] })).toBe(true);
  });

  test('a method in another case is no safe one', () => expect(accepted('get')).toBe(false));
});

test('only a trusted origin is ever echoed', () => {
  const echoed = (origin: readonly string[]) =>
    trustedOrigin(accessRequest({ headers: { origin } }), trusted);
  expect(echoed(['https://a.apps.example.com'])).toBe('https://a.apps.example.com');
  expect(echoed(['https://evil.test'])).toBeUndefined();
  expect(echoed(['https://a.apps.example.com', 'https://evil.test'])).toBeUndefined();
  expect(echoed([])).toBeUndefined();
  expect(trustedOrigin(accessRequest(), trusted)).toBeUndefined();
});
