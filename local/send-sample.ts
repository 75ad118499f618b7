import type { StackDescription } from './description.ts';
import { handshake } from './handshake.ts';
import { call } from './http-client.ts';
import type { Sample } from './samples.ts';
import { StackError } from './stack-error.ts';

/** What a sample request was answered. */
export interface SampleAnswer {
  readonly status: number;
  readonly requestId: string;
}

/** Sends a sample through the API it is for. A connection that is opened is closed again. */
export async function sendSample(stack: StackDescription, sample: Sample): Promise<SampleAnswer> {
  const url = stack[sample.api];
  if (url === undefined) throw new StackError(`this stack has no ${sample.api} API`);
  if (sample.api !== 'websocket') return call(`${url}${sample.path}`, sample.method, sample);
  const { socket, ...answer } = await handshake(`${url}/`, sample);
  socket.close();
  return answer;
}
