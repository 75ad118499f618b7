import { Fault } from '../core/fault.ts';

/** An `execute-api` ARN as an authorizer is given it (`methodArn`, `routeArn`). */
export interface ExecuteApiArn {
  /** `arn:partition:execute-api:region:account:api/stage`: the API and stage, and nothing the client sent. */
  readonly api: string;
  /** `GET`, …, or `$connect` on a WebSocket. */
  readonly method: string;
  /** What the client sent, still encoded; `/` on a WebSocket. */
  readonly path: string;
}

const pattern =
  /^(arn:[a-z-]+:execute-api:[a-z0-9-]+:\d{12}:[A-Za-z0-9]{1,64}\/(?:\$default|[A-Za-z0-9_-]{1,128}))\/(?:([A-Z]+)(\/.*)?|(\$connect))$/s;

/** @throws {Fault} `event` when it has another form: a policy could not be limited to this API and stage */
export function parseExecuteApiArn(arn: string): ExecuteApiArn {
  const [, api, method, path = '/', connect] = pattern.exec(arn) ?? [];
  const called = method ?? connect;
  if (api === undefined || called === undefined)
    throw new Fault('event', 'The ARN of the request has another form');
  return { api, method: called, path };
}
