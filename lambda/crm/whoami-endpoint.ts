import type { HttpHandler } from '../http/answer.ts';
import { endpoint, type EndpointSettings } from '../http/endpoint.ts';

/** GET /v1/whoami: what the authorizer established about the caller, as one flat object. */
export const whoamiEndpoint = (settings: EndpointSettings): HttpHandler =>
  endpoint('whoami', async ({ context }) => ({ status: 200, body: context }), settings);
