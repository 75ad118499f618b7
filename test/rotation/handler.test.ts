import { expect, jest, test } from '@jest/globals';
import { handler } from '../../lambda/rotation/rotation-handler.ts';

const environment = {
  STAGE: 'dev',
  AUTH_TABLE_NAME: 'table',
  ROTATION_SECRET_KIND: 'better-auth',
  BETTER_AUTH_SECRET_ARN: 'arn',
  AWS_REGION: 'us-east-1',
};

/** The handler reads its environment at each event. */
async function failure(change: Readonly<Record<string, string | undefined>>): Promise<unknown> {
  const before = { ...process.env };
  Object.assign(process.env, environment, change);
  for (const [name, value] of Object.entries(change)) if (value === undefined) delete process.env[name];
  try {
    return await handler({ Step: 'createSecret', SecretId: 'another', ClientRequestToken: 'x' }).catch(
      (cause: unknown) => cause,
    );
  } finally {
    for (const name of Object.keys({ ...environment, ...change })) delete process.env[name];
    Object.assign(process.env, before);
  }
}

test.each<[string, Readonly<Record<string, string | undefined>>, RegExp]>([
  ['nothing of what it rotates', { ROTATION_SECRET_KIND: undefined }, /ROTATION_SECRET_KIND must be set/],
  ['a kind that is none', { ROTATION_SECRET_KIND: 'session' }, /must be extension-token or better-auth/],
  [
    'the other secret alone',
    { ROTATION_SECRET_KIND: 'extension-token' },
    /EXTENSION_TOKEN_SECRET_ARN must be set/,
  ],
  ['no table of revocations', { AUTH_TABLE_NAME: undefined }, /AUTH_TABLE_NAME must be set/],
  ['a secret in its environment', { BETTER_AUTH_SECRET: 's'.repeat(32) }, /set its ARN instead/],
  ['a publish delay too short', { KEY_RING_PUBLISH_SECONDS: '3900' }, /KEY_RING_PUBLISH_SECONDS must exceed/],
  ['an event for another secret', {}, /rotates another secret/],
])(
  'a function that is told %s fails, says what it must be, and rings the alarm',
  async (_, change, message) => {
    const written: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    expect(await failure(change)).toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(message),
    });
    write.mockRestore();
    expect(written.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({ event: 'rotation_failed', FailedRotations: 1 }),
    ]);
  },
);
