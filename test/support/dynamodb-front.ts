import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';

/**
 * Stands in front of a real engine: counts what passes, changes an answer on the way, or behaves as a
 * network does that is down.
 */
export interface DynamodbFront {
  readonly endpoint: string;
  /** With the settings of the decision path. */
  readonly client: DynamoDBClient;
  /** Operations that arrived, by name, in order; the SDK's second attempts among them. */
  readonly operations: string[];
  /** Bodies that arrived. */
  readonly bodies: unknown[];
  /** Answers of the engine that were handed on. */
  readonly answers: Readonly<Record<string, unknown>>[];
  /** `stall`: the answer begins and does not end. */
  mode: 'pass' | 'fail' | 'throttle' | 'hang' | 'stall';
  /** Changes an answer of the engine to what was asked. */
  change: (operation: string, answer: Record<string, unknown>, asked: unknown) => Record<string, unknown>;
  stop(): Promise<void>;
}

export async function startFront(engine: string): Promise<DynamodbFront> {
  const target = new URL(engine);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      front.operations.push(operation);
      const asked: unknown = JSON.parse(body.toString());
      front.bodies.push(asked);
      const answer = (status: number, text: string) =>
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
      if (front.mode === 'hang') return;
      if (front.mode === 'stall') {
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': 1000 });
        return void response.write('{');
      }
      if (front.mode === 'fail') return void answer(500, '{"__type":"InternalServerError"}');
      if (front.mode === 'throttle') {
        const type = 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException';
        return void answer(400, JSON.stringify({ __type: type, message: 'slow down' }));
      }
      const headers = { ...request.headers, host: target.host, 'accept-encoding': 'identity' };
      const onward = forward(target, { method: 'POST', headers }, (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('end', () => {
          const text = Buffer.concat(parts).toString();
          const status = incoming.statusCode ?? 500;
          if (status !== 200) return void answer(status, text);
          const handedOn = front.change(operation, JSON.parse(text), asked);
          front.answers.push(handedOn);
          answer(status, JSON.stringify(handedOn));
        });
      });
      onward.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const front: DynamodbFront = {
    endpoint,
    client: new DynamoDBClient({
      ...clientSettings(),
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }),
    operations: [],
    bodies: [],
    answers: [],
    mode: 'pass',
    change: (_, answer) => answer,
    async stop() {
      front.client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return front;
}
