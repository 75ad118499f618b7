import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';
import { start } from '../support/clock.ts';

/** Header fields of a request as a client with these settings signs it. */
async function signed(settings: object, secretAccessKey: string): Promise<Readonly<Record<string, string>>> {
  const client = new DynamoDBClient({
    ...settings,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'somebody', secretAccessKey, sessionToken: 'a token' },
  });
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: 'dynamodb.eu-central-1.amazonaws.com',
    path: '/',
    query: {},
    headers: { host: 'dynamodb.eu-central-1.amazonaws.com', 'x-amz-target': 'DynamoDB_20120810.GetItem' },
    body: JSON.stringify({ Key: { pk: { S: 'Zoë 🔑' } } }),
  };
  try {
    const signer = await client.config.signer();
    return (await signer.sign(request, { signingDate: new Date(start) })).headers;
  } finally {
    client.destroy();
  }
}

test.each(['a secret', 'ein schlüssel', 'k'.repeat(200)])(
  'a request is signed as the SDK signs it by itself: %s',
  async (secret) => {
    const headers = await signed(clientSettings(), secret);
    expect(headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=somebody\/.*Signature=[0-9a-f]{64}$/,
    );
    expect(headers).toEqual(await signed({}, secret));
  },
);
