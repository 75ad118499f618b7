import { Fault } from '../../../lambda/core/fault.ts';
import type { AccessRequest } from '../../../lambda/core/model.ts';
import * as surfaces from '../../../lambda/surfaces/index.ts';
import { CommandFailure } from '../failure.ts';

/** Stands for the API: nothing about it is decided. */
const api = 'arn:aws:execute-api:us-east-1:000000000000:explain/explain';

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** `name: value`, as many as there are. */
  readonly headers: readonly string[];
  readonly sourceAddress?: string;
}

/** The request as the REST API would hand it over; `$connect` as the WebSocket API would. @throws {CommandFailure} */
export function requestOf({ method, path, headers, sourceAddress }: Asked): AccessRequest {
  const connect = method.toLowerCase() === '$connect';
  const verb = connect ? '$connect' : method.toUpperCase();
  if (!connect && !/^[A-Z]+$/.test(verb))
    throw new CommandFailure('usage', 'A method is a word: GET, POST, $connect.');
  if (!connect && !path.startsWith('/'))
    throw new CommandFailure('usage', 'A path begins with a slash: /v1/whoami.');
  const multiValueHeaders: Record<string, string[]> = {};
  for (const [name, value] of headers.map(header)) (multiValueHeaders[name] ??= []).push(value);
  const event = {
    type: 'REQUEST',
    methodArn: connect ? `${api}/$connect` : `${api}/${verb}${path.replace(/[?#].*$/s, '')}`,
    multiValueHeaders,
    requestContext: { requestId: 'explain', identity: { sourceIp: sourceAddress ?? null } },
  };
  return connect ? surfaces.websocket.read(event) : surfaces.rest.read(event);
}

/** No message quotes the header: its value may be a secret. */
function header(text: string): readonly [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new CommandFailure('usage', "A header is a name, a colon and a value: -H 'x-api-key: …'.");
  return [name, value];
}

/** An authorizer event as API Gateway sends it, whichever API it comes from. @throws {CommandFailure} */
export function requestOfEvent(text: string): AccessRequest {
  try {
    const event: unknown = JSON.parse(text);
    return surfaceOf(Object(event)).read(event);
  } catch (cause) {
    if (cause instanceof Fault) throw new CommandFailure('usage', `${cause.message}.`, { cause });
    // A parser's own message quotes the text.
    throw new CommandFailure('usage', 'The event is not JSON.');
  }
}

type Reader = Pick<typeof surfaces.rest, 'read'>;

/** The functions are never told: CDK gives each surface its own. Here there is only the event. */
function surfaceOf(event: Readonly<Record<string, unknown>>): Reader {
  if (event['type'] === 'TOKEN') return surfaces.restToken;
  if (event['version'] === '2.0') return surfaces.http;
  if (event['version'] === '1.0') return surfaces.httpV1;
  return String(event['methodArn']).endsWith('/$connect') ? surfaces.websocket : surfaces.rest;
}
