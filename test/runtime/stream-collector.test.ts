import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { streamCollector } from '../../lambda/runtime/stream-collector.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function answerOf(serve: (response: ServerResponse) => void): Promise<IncomingMessage> {
  server = createServer((_, response) => serve(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const request = get({ port: typeof address === 'object' ? address?.port : 0, host: '127.0.0.1' });
  const [answer] = await once(request, 'response');
  return answer;
}

describe('an answer', () => {
  test('is read whole, in one piece or in many', async () => {
    const pieces = ['{"Item":', '{"pk":', '{"S":"ö"}}}'];
    for (const written of [pieces, [pieces.join('')]]) {
      const answer = await answerOf((response) => {
        for (const piece of written) response.write(piece);
        response.end();
      });
      expect(Buffer.from(await streamCollector(answer)).toString()).toBe(pieces.join(''));
      server?.close();
    }
  });

  test('may be empty', async () => {
    expect(await streamCollector(await answerOf((response) => response.end()))).toHaveLength(0);
  });

  test('that ends before it is complete is none', async () => {
    const answer = await answerOf((response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => response.destroy());
    });
    await expect(streamCollector(answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
