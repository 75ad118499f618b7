import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, sendJson } from '../loopback.ts';
import type { Handler } from '../loopback.ts';
import { headerOf } from './http-request.ts';
import type { OpenConnection } from './open-connection.ts';
import { decoded } from './route-key.ts';

/** API Gateway's limit on a message, in bytes, either way. */
export const MESSAGE_LIMIT = 128 * 1024;

/**
 * `@connections` of one stage: how a function sends to a client, asks about it and disconnects it. Any AWS SDK's
 * ApiGatewayManagementApi client works.
 *
 * @param find the connection of an id, as long as it is open
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
export function managementApi(
  stage: string,
  find: (connectionId: string) => OpenConnection | undefined,
): Handler {
  return async (request, response) => {
    const [, id] = new RegExp(`^/${stage}/(?:@|%40)connections/([^/?]+)$`, 'i').exec(request.url ?? '') ?? [];
    if (id === undefined) return refuse(response, 403, 'ForbiddenException', 'Forbidden');
    const body = await readBody(request, MESSAGE_LIMIT);
    const open = find(decoded(id));
    if (!open) return refuse(response, 410, 'GoneException', 'Gone');
    if (!body) return refuse(response, 413, 'PayloadTooLargeException', 'Payload too large');
    return answer(request, response, open, body);
  };
}

function answer(
  { method }: IncomingMessage,
  response: ServerResponse,
  open: OpenConnection,
  body: Buffer,
): void {
  switch (method) {
    case 'POST':
      if (!open.send(body.toString('utf8'))) return refuse(response, 410, 'GoneException', 'Gone');
      return void response.writeHead(200).end();
    case 'GET':
      return sendJson(response, 200, describe(open));
    case 'DELETE':
      open.close(1000, 'Connection Closed Normally');
      return void response.writeHead(204).end();
    case undefined:
    default:
      return refuse(response, 405, 'MethodNotAllowedException', 'Method not allowed');
  }
}

function describe({ connection, lastActiveAt }: OpenConnection) {
  const { request } = connection;
  return {
    connectedAt: new Date(request.time).toISOString(),
    identity: { sourceIp: request.sourceAddress, userAgent: headerOf(request, 'user-agent') },
    lastActiveAt: new Date(lastActiveAt()).toISOString(),
  };
}

const refuse = (response: ServerResponse, status: number, type: string, message: string): void =>
  sendJson(response, status, { message }, { 'x-amzn-ErrorType': type });
