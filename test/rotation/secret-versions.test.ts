import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { secretVersions } from '../../lambda/rotation/secret-versions.ts';
import { listen, readBody, type Listener } from '../../local/loopback.ts';

let listener: Listener;
let client: SecretsManagerClient;
beforeAll(async () => {
  listener = await listen({ port: 0, purpose: 'Secrets Manager' });
  // Refuses everything and quotes what it was sent, as AWS does of a member it finds invalid.
  listener.serve(async (request, response) => {
    const message = `Value '${String(await readBody(request, 100_000))}' failed to satisfy constraint`;
    response.writeHead(400).end(JSON.stringify({ __type: 'ValidationException', message }));
  });
  client = new SecretsManagerClient({
    endpoint: `http://127.0.0.1:${listener.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await listener.close();
});

test('a ring that Secrets Manager refuses, and quotes, is in no error', async () => {
  const refused = secretVersions(client, 'arn').fill('version', 'SENSITIVE');
  const error: unknown = await refused.catch((cause: unknown) => cause);
  expect(error).toMatchObject({
    kind: 'secret',
    message: expect.stringMatching(/PutSecretValue: Validation/),
  });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('SENSITIVE');
});

test('any other refusal is a fault that names the operation', async () => {
  const versions = secretVersions(client, 'arn');
  for (const [operation, call] of [
    ['DescribeSecret', versions.stages()],
    ['GetSecretValue', versions.value('version', 'AWSPENDING')],
    ['UpdateSecretVersionStage', versions.makeCurrent('version', 'before')],
    ['UpdateSecretVersionStage', versions.withdraw('version')],
  ] as const) {
    await expect(call).rejects.toMatchObject({ kind: 'secret', message: expect.stringContaining(operation) });
  }
});
