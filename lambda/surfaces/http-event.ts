import { Fault } from '../core/fault.ts';
import type { AccessRequest } from '../core/model.ts';
import { trimmed } from '../core/white-space.ts';
import { accessRequest } from './access-request.ts';
import { decisiveOf, readDecisiveHeaders } from './decisive-headers.ts';
import { membersIn, membersOf, requiredText, textIn, textsIn } from './event.ts';
import { parseExecuteApiArn } from './execute-api-arn.ts';
import { readHeaders, type Headers } from './headers.ts';

/**
 * Reads an event of payload format 2.0. Several members that its type definition requires can be missing.
 *
 * @throws {Fault} `event` when it is not one
 */
export function readHttpEvent(surface: string, input: unknown): AccessRequest {
  const event = membersOf(input);
  if (event['version'] !== '2.0' || event['type'] !== 'REQUEST') {
    throw new Fault('event', 'Not an HTTP API authorizer event of payload format 2.0');
  }
  const { api, method, path } = parseExecuteApiArn(requiredText(event, 'routeArn'));
  const context = membersIn(event, 'requestContext');
  const cookies = textsIn(event, 'cookies');
  const { headers, oversized } =
    cookies.length === 0
      ? readDecisiveHeaders(event['headers'], undefined)
      : decisiveOf(withCookies(readHeaders(event['headers'], undefined), cookies));
  return accessRequest({
    surface,
    api,
    method,
    path,
    id: textIn(context, 'requestId'),
    resource: textIn(event, 'routeKey')?.replace(/^[A-Z]+ /, ''),
    sourceAddress: textIn(membersIn(context, 'http'), 'sourceIp'),
    headers,
    oversized,
  });
}

/**
 * `cookies[]` may be empty while `headers.cookie` is set, and the reverse. Both are read, and a pair in both
 * is one pair, so that no cookie is counted twice against the size limit.
 */
function withCookies(headers: Headers, cookies: readonly string[]): Headers {
  const sent = headers.get('cookie') ?? [];
  const known = new Set(sent.flatMap((value) => value.split(';')).map(trimmed));
  const more = cookies.filter((pair) => !known.has(trimmed(pair)));
  return more.length === 0 ? headers : new Map([...headers, ['cookie', [...sent, more.join('; ')]]]);
}
