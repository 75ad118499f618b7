import { NodeHttpHandler } from '@smithy/node-http-handler';
import { ConfiguredRetryStrategy } from '@smithy/util-retry';

/** Milliseconds one logical call to AWS may take, all attempts together. */
export const operationTimeout = 700;

export interface ClientLimits {
  /** Milliseconds one attempt may take. */
  readonly requestTimeout: number;
}

/**
 * Takes the SDK's own logging from a client: for a logger that keeps nothing it walks every input and output to leave
 * out what is sensitive (`loggerMiddleware`, @aws-sdk/core 3.1164).
 */
export function unlogged<Client extends { readonly middlewareStack: { remove(name: string): boolean } }>(
  client: Client,
): Client {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

/**
 * Settings for clients on the decision path: two attempts within a bound that leaves room for a second round
 * trip before the 1.5 s deadline. The SDK's default waits a second before it retries a throttled call, and
 * `requestTimeout` alone only warns (`throwOnRequestTimeout`, @smithy/node-http-handler 4.14).
 */
export const clientSettings = ({ requestTimeout }: ClientLimits = { requestTimeout: 250 }) => ({
  maxAttempts: 2,
  retryStrategy: new ConfiguredRetryStrategy(2, () => 25 + 25 * Math.random()),
  requestHandler: new NodeHttpHandler({
    connectionTimeout: 200,
    requestTimeout,
    throwOnRequestTimeout: true,
  }),
});
