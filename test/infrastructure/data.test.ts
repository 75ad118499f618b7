import { afterAll, describe, expect, test } from '@jest/globals';
import { only, synthesize } from './synthesized.ts';
import type { Properties, Resource, Synthesized } from './synthesized.ts';

const dev = synthesize();
const production = synthesize({
  stage: 'production',
  betterAuthUrl: 'https://api.crm.example.com',
  domainName: 'api.crm.example.com',
});
afterAll(() => {
  dev.remove();
  production.remove();
});

const named = (stack: Synthesized, output: string): Resource => {
  const { Ref }: Properties = Object(stack.outputs[output]?.Value);
  return only([stack.resources[Ref]].filter((resource) => resource !== undefined));
};

describe.each(['TableName', 'RecordsTableName'])('the table behind %s', (output) => {
  const { Properties: table } = named(dev, output);

  test('can be restored to any second', () => {
    expect(only<Properties>(table.Replicas).PointInTimeRecoverySpecification).toEqual({
      PointInTimeRecoveryEnabled: true,
    });
  });

  test('is keyed by pk and sk, has no index that could lag, and is paid by use', () => {
    expect(table.KeySchema).toEqual([
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ]);
    expect(table).not.toHaveProperty('GlobalSecondaryIndexes');
    expect(table).not.toHaveProperty('LocalSecondaryIndexes');
    expect(table.BillingMode).toBe('PAY_PER_REQUEST');
  });

  test('is kept, and refuses to be deleted, outside development', () => {
    const kept = named(production, output);
    expect(kept.DeletionPolicy).toBe('Retain');
    expect(only<Properties>(kept.Properties.Replicas).DeletionProtectionEnabled).toBe(true);
  });
});

test('expired identities leave by themselves; records never do', () => {
  expect(named(dev, 'TableName').Properties.TimeToLiveSpecification).toEqual({
    AttributeName: 'ttl',
    Enabled: true,
  });
  expect(named(dev, 'RecordsTableName').Properties).not.toHaveProperty('TimeToLiveSpecification');
});

describe.each(['ExtensionTokenSecretArn', 'BetterAuthSecretArn'])('the secret behind %s', (output) => {
  const { Properties: secret } = named(dev, output);

  test('is born with at least 256 bits of randomness, as plain text, which is a ring of one', () => {
    const { PasswordLength: length, ...alphabet } = secret.GenerateSecretString;
    expect(alphabet).toEqual({ ExcludePunctuation: true });
    expect(length * Math.log2(62)).toBeGreaterThanOrEqual(256);
  });

  test('has no value in the template', () => {
    expect(secret).not.toHaveProperty('SecretString');
  });

  test('has no name of its own: a secret that is being deleted holds its name for days', () => {
    expect(secret).not.toHaveProperty('Name');
  });

  test('is kept outside development', () => {
    expect(named(production, output).DeletionPolicy).toBe('Retain');
  });
});

test('a domain of our own is the only way in', () => {
  expect(production.outputs.RestUrl?.Value).toBe('https://api.crm.example.com');
  expect(only(production.ofType('AWS::ApiGateway::RestApi')).Properties.DisableExecuteApiEndpoint).toBe(true);
  const domain = only(production.ofType('AWS::ApiGateway::DomainName')).Properties;
  expect(domain).toMatchObject({ DomainName: 'api.crm.example.com', SecurityPolicy: 'TLS_1_2' });
});

test('templates fit any account and region', () => {
  for (const { text } of [dev, production]) {
    // An account; not twelve digits in a row within the digest of an asset.
    expect(text).not.toMatch(/(?<![0-9a-f])\d{12}(?![0-9a-f])/);
    expect(text).not.toMatch(/\b(us|eu|ap)-[a-z]+-\d\b/);
    expect(text).not.toContain('Fn::ImportValue');
    expect(text).not.toContain('"Conditions"');
    expect(text).not.toContain('"Mappings"');
  }
});

test('the intrinsics of the resources are those a simple reader knows', () => {
  const used = new Set(JSON.stringify(dev.resources).match(/"(Fn::\w+)"/g));
  expect([...used].toSorted()).toEqual(['"Fn::GetAtt"', '"Fn::Join"', '"Fn::Sub"']);
});

test('no function of production declares a variable of development, not even an empty one', () => {
  const names = production
    .ofType('AWS::Lambda::Function')
    .flatMap(({ Properties }) => Object.keys(Properties.Environment.Variables));
  expect(names).toContain('AUTH_TABLE_NAME');
  expect(names.filter((name) => /_SECRET$|^AWS_/.test(name))).toEqual([]);
});
