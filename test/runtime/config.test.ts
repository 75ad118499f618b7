import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../lambda/core/fault.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { trustedOrigin } from '../../lambda/runtime/origins.ts';
import { environment } from '../support/world.ts';

const read = (given: Readonly<Record<string, string | undefined>>) =>
  readConfig({ ...environment, ...given });
const thrown = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (cause) {
    return cause;
  }
};

describe('a bad value is a fault that names the variable and says what it must be', () => {
  test.each<[string, string | undefined, RegExp]>([
    ['STAGE', undefined, /must be dev, staging or production/],
    ['STAGE', 'prod', /must be dev, staging or production/],
    ['STAGE', '', /must be dev, staging or production/],
    ['BETTER_AUTH_URL', 'api.crm.example.com', /must be an http\(s\) URL/],
    ['BETTER_AUTH_URL', 'javascript:alert(1)', /must be an http\(s\) URL/],
    ['BETTER_AUTH_URL', 'http://api.crm.example.com', /must be https unless STAGE is dev/],
    ['BETTER_AUTH_URL', 'HTTP://api.crm.example.com', /must be https unless STAGE is dev/],
    ['TRUSTED_ORIGINS', 'https://app.example.com,*', /must be comma-separated origins/],
    ['TRUSTED_ORIGINS', 'https://*.com', /must be comma-separated origins/],
    ['TRUSTED_ORIGINS', 'https://*', /must be comma-separated origins/],
    ['TRUSTED_ORIGINS', 'https://app.*.example.com', /must be comma-separated origins/],
    ['TRUSTED_ORIGINS', 'https://app.example.com/path', /must be comma-separated origins/],
    ['TRUSTED_ORIGINS', 'null', /must be comma-separated origins/],
    ['COOKIE_DOMAIN', 'example', /must be a domain name/],
    ['COOKIE_DOMAIN', '.example.com; Secure', /must be a domain name/],
    ['EXTENSION_TOKEN_LEGACY', 'true', /must be "accept" or absent/],
    ['AUTH_TABLE_NAME', '', /must not be empty/],
    ['FACTS_TTL_SECONDS', '-1', /must be a whole number of seconds/],
    ['FACTS_TTL_SECONDS', '1.5', /must be a whole number of seconds/],
    ['FACTS_TTL_SECONDS', 'Infinity', /must be a whole number of seconds/],
    ['FACTS_TTL_SECONDS', '', /must be a whole number of seconds/],
    ['FACTS_TTL_SECONDS', '16', /must be at most 15 unless STAGE is dev/],
    ['REVOCATION_TTL_SECONDS', '6', /must be at most 5 unless STAGE is dev/],
    ['KEY_RING_TTL_SECONDS', '301', /must be at most 300 unless STAGE is dev/],
    ['KEY_RING_STALE_SECONDS', '3601', /must be at most 3600 unless STAGE is dev/],
    ['KEY_RING_PUBLISH_SECONDS', '3900', /must exceed KEY_RING_TTL_SECONDS \+ KEY_RING_STALE_SECONDS/],
    ['EXTENSION_TOKEN_SECRET', 's'.repeat(32), /set EXTENSION_TOKEN_SECRET_ARN instead/],
    ['BETTER_AUTH_SECRET', 's'.repeat(32), /set BETTER_AUTH_SECRET_ARN instead/],
    ['BETTER_AUTH_SECRET', 'SENSITIVE', /must have at least 32 characters/],
    ['ROTATION_SECRET_KIND', 'session', /must be extension-token or better-auth/],
  ])('%s=%j', (name, value, must) => {
    const error = thrown(() => read({ [name]: value }));
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ kind: 'configuration', message: expect.stringMatching(must) });
    expect(String(error)).toContain(name);
    expect(String(error)).not.toContain('SENSITIVE');
  });

  test.each([
    'BETTER_AUTH_URL',
    'AUTH_TABLE_NAME',
    'EXTENSION_TOKEN_SECRET_ARN',
    'BETTER_AUTH_SECRET_ARN',
    'RECORDS_TABLE_NAME',
  ])('%s absent is one only when it is used', (name) => {
    const config = read({ AUTH_TABLE_NAME: 't', RECORDS_TABLE_NAME: 'r', [name]: undefined });
    const used = () => [
      config.authTable,
      config.recordsTable,
      config.issuer,
      config.extensionTokenSecret,
      config.betterAuthSecret,
    ];
    expect(used).toThrow(`${name} must be set`);
  });
});

describe('bounds and plain secrets', () => {
  test('have the published defaults', () => {
    expect(read({}).ttl).toEqual({
      facts: 15,
      revocation: 5,
      keyRing: 300,
      keyRingStale: 3600,
      keyRingPublish: 4200,
    });
  });

  test('may be looser in development, but never sign before every reader has seen a key', () => {
    const dev = { STAGE: 'dev', BETTER_AUTH_URL: 'http://127.0.0.1:3000' };
    expect(read({ ...dev, FACTS_TTL_SECONDS: '60' }).ttl.facts).toBe(60);
    expect(read({ ...dev, BETTER_AUTH_SECRET: 's'.repeat(32) }).betterAuthSecret).toEqual({
      plain: 's'.repeat(32),
    });
    expect(() => read({ ...dev, KEY_RING_PUBLISH_SECONDS: '3900' })).toThrow('KEY_RING_PUBLISH_SECONDS');
  });

  test('a plain secret that is declared and empty is absent: the ARN counts', () => {
    const empty = { EXTENSION_TOKEN_SECRET: '', BETTER_AUTH_SECRET: '' };
    const { extensionTokenSecret, betterAuthSecret } = read({ ...empty, EXTENSION_TOKEN_SECRET_ARN: 'arn' });
    expect(extensionTokenSecret).toEqual({ arn: 'arn' });
    expect(() => read({ ...empty, BETTER_AUTH_SECRET_ARN: undefined }).betterAuthSecret).toThrow(
      'must be set',
    );
    expect(betterAuthSecret).toHaveProperty('arn');
  });
});

describe('addresses', () => {
  test('BETTER_AUTH_URL gives the issuer, the cookie prefix and the first trusted origin', () => {
    const config = read({ BETTER_AUTH_URL: 'HTTPS://API.CRM.example.com:443/api/auth' });
    expect(config.issuer).toBe('https://api.crm.example.com');
    expect(config.secureCookies).toBe(true);
    expect(config.trustedOrigins[0]).toBe('https://api.crm.example.com');
    expect(read({ STAGE: 'dev', BETTER_AUTH_URL: 'http://localhost:3000' }).secureCookies).toBe(false);
  });

  test.each([
    ['https://App.Example.com', 'https://app.example.com'],
    ['https://app.example.com:443/', 'https://app.example.com'],
    ['https://bücher.example.com', 'https://xn--bcher-kva.example.com'],
    ['https://*.Example.com', 'https://*.example.com'],
    ['https://*.bücher.de:8443', 'https://*.xn--bcher-kva.de:8443'],
  ])('the trusted origin %s is compared as %s', (entry, serialized) =>
    expect(trustedOrigin(entry)).toBe(serialized),
  );

  test.each([
    ['https://user@app.example.com'],
    ['https://user:x@app.example.com'],
    ['ftp://app.example.com'],
    ['https://*.*.example.com'],
    ['https://*app.example.com'],
    ['https://app.example.com?x'],
    ['https://app.example.com#x'],
    ['https://'],
  ])('%s is no origin to trust', (entry) => expect(trustedOrigin(entry)).toBeUndefined());
});
