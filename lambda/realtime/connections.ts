import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { clientSettings, slim } from '../runtime/aws-client.ts';
import type { Breaker } from '../runtime/breaker.ts';
import { sdkEnvironment } from '../runtime/sdk-environment.ts';

/** The open connections of one WebSocket API and stage. Both are done already where a connection has gone. */
export interface Connections {
  readonly send: (connectionId: string, text: string) => Promise<void>;
  readonly close: (connectionId: string) => Promise<void>;
}

/** Milliseconds: a call with its second attempt takes two seconds at most. */
const attempt = { requestTimeout: 900 };

/** @param endpoint the API's `@connections` URL without that segment: `https://…/<stage>` */
export const managementClient = (endpoint: string): ApiGatewayManagementApiClient =>
  slim(
    new ApiGatewayManagementApiClient({
      ...clientSettings(attempt),
      ...sdkEnvironment('APIGATEWAYMANAGEMENTAPI'),
      endpoint,
    }),
  );

/** @throws {Fault} `gateway`, from both methods, when API Gateway does not answer in time or with an error */
export function connections(client: ApiGatewayManagementApiClient, guard: Breaker): Connections {
  return {
    send: (ConnectionId, text) =>
      guard(() => unlessGone(client.send(new PostToConnectionCommand({ ConnectionId, Data: text })))),
    close: (ConnectionId) =>
      guard(() => unlessGone(client.send(new DeleteConnectionCommand({ ConnectionId })))),
  };
}

/** Inside the guarded call: clients leave all the time, which is no failure of API Gateway. */
async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (cause) {
    if (!(cause instanceof GoneException)) throw cause;
  }
}
