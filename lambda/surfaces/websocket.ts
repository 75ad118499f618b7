import type { AccessRequest } from '../core/model.ts';
import type { IamAnswer } from './iam-answer.ts';
import { readRequestEvent } from './request-event.ts';
import { iamAnswerOr401 } from './rest.ts';
import type { Surface } from './surface.ts';

/** A token among the subprotocols a browser offers: it cannot set headers on a WebSocket. */
const bearerProtocol = /^bearer\.(.*)$/s;
const compactJws = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * WebSocket API, `$connect`. A credential in `Sec-WebSocket-Protocol: crm.v1, bearer.<jwt>` counts as an
 * explicit one; in the query string none is looked for, because URLs are written to logs.
 */
export const websocket: Surface<IamAnswer> = {
  name: 'websocket',
  read: (event) => withSubprotocol(readRequestEvent('websocket', event)),
  render: iamAnswerOr401,
};

function withSubprotocol(request: AccessRequest): AccessRequest {
  const offered = request.headers.get('sec-websocket-protocol')?.flatMap((value) => value.split(',')) ?? [];
  const tokens = offered
    .map((protocol) => bearerProtocol.exec(protocol.trim())?.[1])
    .filter((token) => token !== undefined)
    // Only a token may be given this way; anything else is as malformed as an empty header.
    .map((token) => (compactJws.test(token) ? `Bearer ${token}` : ''));
  if (tokens.length === 0) return request;
  const authorization = [...(request.headers.get('authorization') ?? []), ...tokens];
  return { ...request, headers: new Map([...request.headers, ['authorization', authorization]]) };
}
