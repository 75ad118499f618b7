import { randomUUID } from 'node:crypto';
import { ACCOUNT } from '../physical.ts';
import type { AuthorizerContext } from './authorizer-answer.ts';
import { allValues, clfTime, isEmpty, lastValues } from './event-maps.ts';
import { headerOf } from './http-request.ts';
import type { HttpRequest } from './http-request.ts';
import type { WebSocketApi } from './websocket-api.ts';

/** A connection of a WebSocket API: how it began, and who the authorizer said it is. */
export interface Connection {
  readonly id: string;
  readonly api: WebSocketApi;
  readonly region: string;
  /** The upgrade request. */
  readonly request: HttpRequest;
  readonly authorizer?: AuthorizerContext | undefined;
}

export const connectArn = ({ api, region }: Connection): string =>
  `arn:aws:execute-api:${region}:${ACCOUNT}:${api.id}/${api.stage}/$connect`;

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html */
export const connectQuestion = (connection: Connection) => ({
  type: 'REQUEST',
  methodArn: connectArn(connection),
  ...handshake(connection),
  queryStringParameters: lastValues(connection.request.query, false),
  multiValueQueryStringParameters: allValues(connection.request.query, false),
  stageVariables: connection.api.stageVariables ?? {},
  requestContext: connectContext(connection),
});

/** What the integration of `$connect` gets. */
export const connectEvent = (connection: Connection) => {
  const query = lastValues(connection.request.query, false);
  return {
    ...handshake(connection),
    ...(!isEmpty(query) && {
      queryStringParameters: query,
      multiValueQueryStringParameters: allValues(connection.request.query, false),
    }),
    ...(connection.api.stageVariables && { stageVariables: connection.api.stageVariables }),
    requestContext: connectContext(connection),
    isBase64Encoded: false,
  };
};

export const messageEvent = (connection: Connection, routeKey: string, body: string) => {
  const context = contextOf(connection, randomUUID(), Date.now());
  const { requestId: messageId } = context;
  return {
    requestContext: { ...context, routeKey, messageId, eventType: 'MESSAGE' },
    body,
    isBase64Encoded: false,
  };
};

/** @param code the close code; 1005 when the client gave none, 1006 when it was cut off (RFC 6455 §7.1.5) */
export const disconnectEvent = (connection: Connection, code: number, reason: string) => ({
  headers: { Host: hostOf(connection), 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' },
  multiValueHeaders: {
    Host: [hostOf(connection)],
    'x-api-key': [''],
    'X-Forwarded-For': [''],
    'x-restapi': [''],
  },
  requestContext: {
    ...contextOf(connection, randomUUID(), Date.now()),
    routeKey: '$disconnect',
    disconnectStatusCode: code,
    disconnectReason: reason,
    eventType: 'DISCONNECT',
  },
  isBase64Encoded: false,
});

const handshake = ({ request }: Connection) => ({
  headers: lastValues(request.headers, true),
  multiValueHeaders: allValues(request.headers, true),
});

export const connectContext = (connection: Connection) => ({
  ...contextOf(connection, connection.request.id, connection.request.time),
  routeKey: '$connect',
  eventType: 'CONNECT',
});

/** `requestContext` of every event of the connection, with the authorizer's word since `$connect`. */
function contextOf(connection: Connection, requestId: string, time: number) {
  const { id, api, request, authorizer } = connection;
  return {
    ...(authorizer && { authorizer }),
    extendedRequestId: requestId,
    requestTime: clfTime(time),
    messageDirection: 'IN',
    stage: api.stage,
    connectedAt: request.time,
    requestTimeEpoch: time,
    identity: { sourceIp: request.sourceAddress, userAgent: headerOf(request, 'user-agent') ?? null },
    requestId,
    domainName: hostOf(connection),
    connectionId: id,
    apiId: api.id,
  };
}

const hostOf = ({ request }: Connection): string => headerOf(request, 'host') ?? '';
