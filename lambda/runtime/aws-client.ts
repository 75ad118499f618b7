import { NodeHttpHandler } from '@smithy/node-http-handler';
import { ConfiguredRetryStrategy } from '@smithy/util-retry';

/** Milliseconds one logical call to AWS may take, all attempts together. */
export const operationTimeout = 700;

export interface ClientLimits {
  /** Milliseconds one attempt may take. */
  readonly requestTimeout: number;
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
