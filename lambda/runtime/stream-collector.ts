import type { IncomingMessage } from 'node:http';

/**
 * Reads an answer to its end. The SDK's own collector pipes it into a stream made for it, and first asks whether it is one
 * of the browser's, which makes Node load those (@smithy/core 3.41); `NodeHttpHandler` gives an `IncomingMessage`.
 */
export const streamCollector = (answer: IncomingMessage): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    answer.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    answer.once('end', () => {
      const [only] = chunks;
      resolve(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
    // Also where the connection ends before the answer does.
    answer.once('error', reject);
  });
