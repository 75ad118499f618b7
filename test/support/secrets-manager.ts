import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';

/** AWS's side of GetSecretValue (JSON 1.1 over HTTP), as a test wants it to behave. */
export interface TestSecretsManager {
  readonly endpoint: string;
  /** What is answered to a secret's name; absent, as AWS answers an unknown one. */
  readonly values: Map<string, { readonly value: string; readonly versionId: string }>;
  /** `answer`, refuse with 500, or accept the connection and say nothing. */
  mode: 'answer' | 'fail' | 'hang';
  /** Calls so far, the SDK's second attempts among them. */
  calls(): number;
  client(): SecretsManagerClient;
  stop(): Promise<void>;
}

export async function startSecretsManager(): Promise<TestSecretsManager> {
  let calls = 0;
  const clients: SecretsManagerClient[] = [];
  const values: TestSecretsManager['values'] = new Map();
  const server = createServer((request, response) => {
    calls += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (manager.mode === 'hang') return;
      const answer = (status: number, body: object) =>
        response
          .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
          .end(JSON.stringify(body));
      const asked: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const name = typeof asked === 'object' && asked && 'SecretId' in asked ? String(asked.SecretId) : '';
      const secret = values.get(name);
      if (manager.mode === 'fail') answer(500, { __type: 'InternalServiceError', message: 'down' });
      else if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue' || !secret) {
        answer(400, { __type: 'ResourceNotFoundException', message: `Cannot find ${name}` });
      } else answer(200, { Name: name, SecretString: secret.value, VersionId: secret.versionId });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const manager: TestSecretsManager = {
    endpoint,
    values,
    mode: 'answer',
    calls: () => calls,
    client() {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const client = new SecretsManagerClient({
        ...clientSettings(),
        endpoint,
        region: 'us-east-1',
        credentials,
      });
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return manager;
}
