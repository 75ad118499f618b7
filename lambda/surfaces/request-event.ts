import { Fault } from '../core/fault.ts';
import type { AccessRequest } from '../core/model.ts';
import { accessRequest } from './access-request.ts';
import { readDecisiveHeaders } from './decisive-headers.ts';
import { membersIn, membersOf, requiredText, textIn } from './event.ts';
import { parseExecuteApiArn } from './execute-api-arn.ts';

/**
 * Reads an event of type REQUEST, which have one form whichever API they come from (payload format 1.0). Method and
 * path are taken from the method ARN: behind a base-path mapping `event.path` is another one.
 *
 * @throws {Fault} `event` when it is not one
 */
export function readRequestEvent(surface: string, input: unknown): AccessRequest {
  const event = membersOf(input);
  if (event['type'] !== 'REQUEST') throw new Fault('event', 'Not an authorizer event of type REQUEST');
  const { api, method, path } = parseExecuteApiArn(requiredText(event, 'methodArn'));
  const called = textIn(event, 'httpMethod');
  if (called !== undefined && called !== method && called.toUpperCase() !== method) {
    throw new Fault('event', 'Method and method ARN differ');
  }
  const context = membersIn(event, 'requestContext');
  const { headers, oversized } = readDecisiveHeaders(event['headers'], event['multiValueHeaders']);
  return accessRequest({
    surface,
    api,
    method,
    path,
    id: textIn(context, 'requestId'),
    resource: textIn(event, 'resource'),
    sourceAddress: textIn(membersIn(context, 'identity'), 'sourceIp'),
    headers,
    oversized,
  });
}
