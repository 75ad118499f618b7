import { once } from 'node:events';
import { createServer } from 'node:http';

/** API Gateway's side of `@connections`, as a test wants it to behave. */
export interface TestManagementApi {
  /** With a stage, as the client is given it. */
  readonly endpoint: string;
  /** What arrived: `POST <connection id> <body>`, `DELETE <connection id>`; second attempts among them. */
  readonly calls: string[];
  /** Requests came signed for the service of execute-api: an unsigned one is refused there. */
  signed: boolean;
  /** `answer`; say that the connection has gone; refuse with 500; or accept the request and say nothing. */
  mode: 'answer' | 'gone' | 'fail' | 'hang';
  stop(): Promise<void>;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html */
export async function startManagementApi(): Promise<TestManagementApi> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [, id = ''] = /^\/prod\/@connections\/(.+)$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
      api.calls.push([request.method, id, Buffer.concat(chunks).toString()].join(' ').trim());
      api.signed &&= /\/execute-api\/aws4_request/.test(request.headers.authorization ?? '');
      if (api.mode === 'hang') return;
      const refuse = (status: number, type: string) =>
        response.writeHead(status, { 'x-amzn-ErrorType': type }).end('{"message":"no"}');
      if (api.mode === 'gone') refuse(410, 'GoneException');
      else if (api.mode === 'fail') refuse(500, 'InternalServerErrorException');
      else response.writeHead(request.method === 'DELETE' ? 204 : 200).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const api: TestManagementApi = {
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/prod`,
    calls: [],
    signed: true,
    mode: 'answer',
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return api;
}
