import type { Expected, Request } from './request.ts';
import { ofConnections, ofEndpoints, ofOneHeader } from './requests.ts';
import { connect, httpRequest, httpV1Request, restRequest, restToken } from './authorizer-events.ts';
import type { Event, Sent } from './gateway.ts';

/** An event for authorizers, and what they must say to it. */
export interface AuthorizerCase {
  /** Name of the file in `events/`. */
  readonly file: string;
  readonly says: string;
  readonly event: Event;
  /** Logical ids; an HTTP API sends one event to authorizers with either kind of answer. */
  readonly functionNames: readonly string[];
  readonly expected: Expected;
  /** What they must say to the variant in `events/fresh/`, whose token has not expired. */
  readonly fresh?: Expected;
}

function surface(
  prefix: string,
  functionNames: readonly string[],
  shape: (sent: Sent) => Event,
  requests: readonly Request[],
): readonly AuthorizerCase[] {
  const cases = requests.map(({ name, says, sent, expected, fresh }) => ({
    file: `${prefix}-${name}.json`,
    says,
    event: shape(sent),
    functionNames,
    expected,
    ...(fresh ? { fresh } : {}),
  }));
  const broken: AuthorizerCase = {
    file: `${prefix}-malformed-event.json`,
    says: 'no event of this surface',
    event: { version: 'none', type: 'none' },
    functionNames,
    expected: { fault: true },
  };
  return [...cases, broken];
}

export const authorizerCases: readonly AuthorizerCase[] = [
  ...surface('rest', ['RestAuthorizer'], restRequest, ofEndpoints),
  ...surface('rest-token', ['RestTokenAuthorizer'], restToken, ofOneHeader),
  ...surface('http', ['HttpAuthorizer', 'HttpIamAuthorizer'], httpRequest, ofEndpoints),
  ...surface('http-v1', ['HttpV1Authorizer'], httpV1Request, ofEndpoints),
  ...surface('websocket', ['WebSocketAuthorizer'], connect, ofConnections),
];
