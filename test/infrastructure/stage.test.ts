import { describe, expect, test } from '@jest/globals';
import { RootConstruct } from 'constructs';
import type { StageConfig } from '../../lib/stage.ts';
import { stageFromContext } from '../../lib/stage.ts';
import { SynthesisFailed, synthesize } from './synthesized.ts';

const read = (context: Readonly<Record<string, unknown>>): StageConfig => {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries(context)) node.setContext(key, value);
  return stageFromContext(node);
};

const production = { stage: 'production', betterAuthUrl: 'https://api.crm.example.com' };

describe('the CDK context', () => {
  test('is for development at the local address when empty', () => {
    expect(read({})).toEqual({
      name: 'dev',
      betterAuthUrl: 'http://127.0.0.1:3000',
      trustedOrigins: [],
      keepsData: false,
    });
  });

  test('gives all it holds', () => {
    const context = {
      ...production,
      trustedOrigins: 'https://app.example.com, https://*.example.org',
      domainName: 'api.crm.example.com',
      alarmEmail: 'oncall@example.com',
    };
    expect(read(context)).toEqual({
      name: 'production',
      betterAuthUrl: 'https://api.crm.example.com',
      trustedOrigins: ['https://app.example.com', 'https://*.example.org'],
      domainName: 'api.crm.example.com',
      alarmEmail: 'oncall@example.com',
      keepsData: true,
    });
  });

  test('takes trusted origins as text or as a list', () => {
    expect(read({ trustedOrigins: ['http://localhost:5173'] }).trustedOrigins).toEqual([
      'http://localhost:5173',
    ]);
  });

  test.each([
    ['stage', { stage: 'prod' }, 'got "prod", allowed is one of dev, staging, production'],
    ['betterAuthUrl', { stage: 'staging' }, 'got nothing, allowed is an https URL in stage staging'],
    [
      'betterAuthUrl',
      { ...production, betterAuthUrl: 'http://api.crm.example.com' },
      'allowed is an https URL',
    ],
    ['betterAuthUrl', { betterAuthUrl: 'api.crm.example.com' }, 'allowed is an http or https URL'],
    [
      'betterAuthUrl',
      { betterAuthUrl: 'https://user:pass@crm.example.com' },
      'without user, query and fragment',
    ],
    ['betterAuthUrl', { betterAuthUrl: 'https://crm.example.com?a=b' }, 'without user, query and fragment'],
    [
      'trustedOrigins',
      { ...production, trustedOrigins: 'http://app.example.com' },
      'allowed is https origins',
    ],
    ['trustedOrigins', { trustedOrigins: 'https://app.example.com/path' }, 'without path'],
    ['trustedOrigins', { trustedOrigins: 'https://app.example.com,*' }, 'got "*"'],
    ['trustedOrigins', { trustedOrigins: 'https://*' }, 'got "https://*"'],
    ['trustedOrigins', { trustedOrigins: 'https://*.com' }, 'a domain of two labels or more'],
    ['trustedOrigins', { trustedOrigins: 'https://*.*.com' }, 'a domain of two labels or more'],
    ['trustedOrigins', { trustedOrigins: 'https://app*.example.com' }, 'got "https://app*.example.com"'],
    ['trustedOrigins', { trustedOrigins: [7] }, 'got 7'],
    ['domainName', { domainName: 'https://api.example.com' }, 'allowed is a lower-case host name'],
    ['alarmEmail', { alarmEmail: 'nobody' }, 'allowed is one e-mail address'],
    ['stage', { stage: 3 }, 'got 3, allowed is a text'],
  ])('refuses a bad %s, and says what was got and what is allowed: %j', (key, context, message) => {
    expect(() => read(context)).toThrow(`CDK context "${key}": `);
    expect(() => read(context)).toThrow(message);
    expect(() => read(context)).toThrow(`-c ${key}=`);
  });

  test('that is bad ends the synthesis', () => {
    expect(() => synthesize({ stage: 'prod' })).toThrow(SynthesisFailed);
  });
});
