import { afterAll, describe, expect, test } from '@jest/globals';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { clockSkew, longestLifetime } from '../../lambda/credentials/extension-claims.ts';
import { sessionLifetime } from '../../lambda/identity/auth.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { IdentityTable } from '../../lib/identity-table.ts';
import { KeyRingSecret } from '../../lib/key-ring-secret.ts';
import { defaultBounds, KeyRingRotation } from '../../lib/rotation.ts';
import type { KeyRingBounds } from '../../lib/rotation.ts';
import type { StageConfig } from '../../lib/stage.ts';
import { resourceOf } from './roles.ts';
import { statementsOf } from './rights.ts';
import { only, synthesize } from './synthesized.ts';
import type { Properties } from './synthesized.ts';

const dev = synthesize();
const production = synthesize({ stage: 'production', betterAuthUrl: 'https://api.crm.example.com' });
afterAll(() => {
  dev.remove();
  production.remove();
});

describe.each([
  ['ExtensionTokenSecretArn', 'Rotation', 30],
  ['BetterAuthSecretArn', 'SessionRotation', 90],
])('the secret behind %s', (output, name, days) => {
  test(`is rotated by ${name} every ${days} days, and by no deployment`, () => {
    const schedule = only(
      dev.ofType('AWS::SecretsManager::RotationSchedule'),
      ({ Properties: { SecretId } }) => SecretId.Ref === resourceOf(dev, output),
    );
    expect(schedule.Properties).toMatchObject({
      RotationLambdaARN: { 'Fn::GetAtt': [name, 'Arn'] },
      RotationRules: { AutomaticallyAfterDays: days },
      RotateImmediatelyOnUpdate: false,
    });
    const permission = only(
      dev.ofType('AWS::Lambda::Permission'),
      ({ Properties: { FunctionName } }) => FunctionName['Fn::GetAtt'][0] === name,
    );
    expect(schedule.DependsOn).toContain(permission.id);
    expect(permission.Properties).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [name, 'Arn'] },
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
  });

  test('is encrypted in production with the key that both share', () => {
    const key = only(production.ofType('AWS::KMS::Key'));
    const secret = production.resources[resourceOf(production, output)];
    expect(secret?.Properties.KmsKeyId).toEqual({ 'Fn::GetAtt': [key.id, 'Arn'] });
  });
});

test('what is checked in synthesis is what the functions go by', () => {
  const { keyRing, keyRingStale, keyRingPublish } = readConfig({ STAGE: 'production' }).ttl;
  const { ttl, stale, publishDelay } = defaultBounds;
  expect([ttl, stale, publishDelay].map((each) => each.toSeconds())).toEqual([
    keyRing,
    keyRingStale,
    keyRingPublish,
  ]);
  for (const name of ['Rotation', 'SessionRotation']) {
    expect(dev.resources[name]?.Properties.Environment.Variables).toMatchObject({
      KEY_RING_TTL_SECONDS: String(keyRing),
      KEY_RING_STALE_SECONDS: String(keyRingStale),
      KEY_RING_PUBLISH_SECONDS: String(keyRingPublish),
    });
  }
});

describe('the key of production', () => {
  const key = only(production.ofType('AWS::KMS::Key')).Properties;
  const throughSecretsManager = {
    StringEquals: {
      'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
    },
  };
  const uses = (action: string) =>
    /^kms:(\*|Decrypt|Encrypt|ReEncrypt|GenerateDataKey|CreateGrant)/.test(action);

  test('rotates and is kept', () => {
    expect(key.EnableKeyRotation).toBe(true);
    expect(only(production.ofType('AWS::KMS::Key')).DeletionPolicy).toBe('Retain');
    expect(dev.ofType('AWS::KMS::Key')).toEqual([]);
  });

  test('encrypts and decrypts for nobody, the account itself included, but through Secrets Manager', () => {
    const statements: readonly Properties[] = key.KeyPolicy.Statement;
    const using = statements.filter(({ Action }) => [Action].flat().some(uses));
    expect(using.length).toBeGreaterThan(0);
    for (const { Condition } of using) expect(Condition).toEqual(throughSecretsManager);
  });

  test('is used through Secrets Manager by exactly the functions that read a ring', () => {
    const functions = production.ofType('AWS::Lambda::Function').map(({ id }) => id);
    for (const id of functions) {
      const statements = statementsOf(production, id);
      const actions = (prefix: string) =>
        statements.filter(({ Action }) => [Action].flat().some((each) => each.startsWith(prefix)));
      expect([id, actions('kms:').length > 0]).toEqual([id, actions('secretsmanager:').length > 0]);
      for (const { Condition } of actions('kms:')) expect(Condition).toEqual(throughSecretsManager);
    }
  });
});

describe('synthesis', () => {
  const stage: StageConfig = {
    name: 'dev',
    betterAuthUrl: 'http://127.0.0.1:3000',
    trustedOrigins: [],
    keepsData: false,
  };
  function rotation(every: Duration, lifetime: Duration, bounds?: KeyRingBounds): KeyRingRotation {
    const stack = new Stack(new App(), 'Stack');
    return new KeyRingRotation(stack, 'Rotation', {
      stage,
      logicalId: 'Rotation',
      secretKind: 'extension-token',
      keys: new KeyRingSecret(stack, 'Keys', { stage, description: 'Keys' }),
      identityTable: new IdentityTable(stack, 'Table', { stage }),
      every,
      longestLifetime: lifetime,
      ...(bounds && { bounds }),
    });
  }
  const lifetime = Duration.seconds(longestLifetime);

  test('fails where a new key would sign before every reader has it', () => {
    const bounds = { ...defaultBounds, publishDelay: Duration.seconds(3900) };
    expect(() => rotation(Duration.days(30), lifetime, bounds)).toThrow(
      /Stack\/Rotation: a new key signs after 3900 s, but .* for 3900 s .*Make publishDelay longer/,
    );
    const longer = { ...defaultBounds, publishDelay: Duration.seconds(3901) };
    expect(() => rotation(Duration.days(30), lifetime, longer)).not.toThrow();
  });

  test('fails where rotations follow each other before what was signed has expired', () => {
    const sessions = Duration.seconds(sessionLifetime);
    expect(() => rotation(Duration.days(7), sessions)).toThrow(
      new RegExp(`rotates every 604800 s, but a key is needed for ${sessionLifetime + 4200 + clockSkew} s`),
    );
    expect(() => rotation(Duration.days(8), sessions)).not.toThrow();
  });
});
