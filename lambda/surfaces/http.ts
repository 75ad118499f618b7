import { allowContext, denyContext, type Context } from './context.ts';
import { readHttpEvent } from './http-event.ts';
import type { Surface } from './surface.ts';

/** "Working with AWS Lambda authorizers for HTTP APIs", simple response format. */
export interface SimpleAnswer {
  readonly isAuthorized: boolean;
  readonly context: Context;
}

/** HTTP API, payload format 2.0, simple responses. Both kinds of refusal are the gateway's 403. */
export const http: Surface<SimpleAnswer> = {
  name: 'http',
  read: (event) => readHttpEvent('http', event),
  render: (decision, rendering) =>
    decision.effect === 'allow'
      ? { isAuthorized: true, context: allowContext(decision) }
      : { isAuthorized: false, context: denyContext(decision, rendering) },
};
