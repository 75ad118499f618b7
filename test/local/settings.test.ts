import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../local/settings.ts';

describe('the environment', () => {
  test('has defaults for everything, and an empty variable is an absent one', () => {
    const defaults = {
      port: 3000,
      concurrency: 2,
      region: 'us-east-1',
      reset: false,
      demo: true,
      functions: {},
    };
    expect(readSettings({})).toEqual(defaults);
    expect(readSettings({ LOCAL_PORT: '', LOCAL_RESET: '', AWS_ENDPOINT_URL_DYNAMODB: '' })).toEqual(
      defaults,
    );
  });

  test('hands the configuration of the functions on, and nothing else of it', () => {
    const environment = {
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
      AWS_SECRET_ACCESS_KEY: 'secret',
      FACTS_TTL_SECONDS: '1',
      HOME: '/home/developer',
      STAGE: 'dev',
    };
    expect(readSettings(environment)).toMatchObject({
      dynamodb: 'http://127.0.0.1:8000',
      functions: { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000', FACTS_TTL_SECONDS: '1', STAGE: 'dev' },
    });
    expect(Object.keys(readSettings(environment).functions)).toHaveLength(3);
  });

  test.each([
    ['LOCAL_PORT', 'http', /^LOCAL_PORT must be a whole number from 1 to 65530$/],
    ['LOCAL_PORT', '0', /^LOCAL_PORT must be/],
    ['LOCAL_PORT', '65531', /^LOCAL_PORT must be/],
    ['LOCAL_CONCURRENCY', '0', /^LOCAL_CONCURRENCY must be a whole number from 1 to 64$/],
    ['LOCAL_RESET', 'yes', /^LOCAL_RESET must be 1 or 0$/],
    ['LOCAL_DEMO', 'no', /^LOCAL_DEMO must be 1 or 0$/],
    [
      'AWS_ENDPOINT_URL_DYNAMODB',
      'localhost:8000',
      /^AWS_ENDPOINT_URL_DYNAMODB must be an http or https URL$/,
    ],
    ['AWS_REGION', 'here', /^AWS_REGION must be a region such as us-east-1$/],
  ])('%s=%s is refused in one line that says what it must be', (name, value, message) => {
    expect(() => readSettings({ [name]: value })).toThrow(message);
  });
});
