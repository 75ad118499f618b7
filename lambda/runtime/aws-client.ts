import { NodeHttpHandler } from '@smithy/node-http-handler';
import { ConfiguredRetryStrategy } from '@smithy/util-retry';
import { Sha256 } from './sha256.ts';
import { streamCollector } from './stream-collector.ts';

export interface ClientLimits {
  /** Milliseconds one attempt may take until the headers of its answer are there. */
  readonly requestTimeout: number;
}

/** Milliseconds the rest of an answer is given at least. */
const bodyTimeout = 75;

/**
 * Ends an attempt whose answer does not arrive whole: `requestTimeout` ends one at its headers. A signal given with each
 * call would end it as well, but for a call with options the SDK puts its middleware together anew (`Client.send`,
 * @smithy/core 3.41).
 */
class BoundedHandler extends NodeHttpHandler {
  readonly #limit: number;

  constructor({ requestTimeout }: ClientLimits) {
    // By itself `requestTimeout` only warns.
    super({ connectionTimeout: 200, requestTimeout, throwOnRequestTimeout: true });
    this.#limit = requestTimeout + bodyTimeout;
  }

  override handle(...[request, options]: Parameters<NodeHttpHandler['handle']>) {
    return super.handle(request, { abortSignal: AbortSignal.timeout(this.#limit), ...options });
  }
}

/**
 * Settings for clients on the decision path: two attempts within 700 ms, which leaves room for a second round trip
 * before the 1.5 s deadline. The SDK's default waits a second before it retries a throttled call.
 */
export const clientSettings = (limits: ClientLimits = { requestTimeout: 250 }) => ({
  maxAttempts: 2,
  retryStrategy: new ConfiguredRetryStrategy(2, () => 25 + 25 * Math.random()),
  requestHandler: new BoundedHandler(limits),
  streamCollector,
  sha256: Sha256,
  // Middleware is put together once for each kind of command. A command that brings some of its own is sent with options.
  cacheMiddleware: true,
});

/** Middleware that works for nobody here, on every request (@aws-sdk/core 3.981). */
const unused = [
  // For a logger that keeps nothing it walks every input and output to leave out what is sensitive.
  'loggerMiddleware',
  // Says which features of the SDK are in use.
  'getUserAgentMiddleware',
];

export function slim<Client extends { readonly middlewareStack: { remove(name: string): boolean } }>(
  client: Client,
): Client {
  for (const name of unused) client.middlewareStack.remove(name);
  return client;
}
