import { httpFrontDoor } from './gateway/http.ts';
import type { HttpApi } from './gateway/http-api.ts';
import { readHttpApi } from './gateway/http-template.ts';
import { restFrontDoor } from './gateway/rest.ts';
import type { RestApi } from './gateway/rest-api.ts';
import { readRestApi } from './gateway/rest-template.ts';
import { webSocketFrontDoor } from './gateway/websocket.ts';
import { readWebSocketApi } from './gateway/websocket-api.ts';
import type { WebSocketApi } from './gateway/websocket-api.ts';
import type { LambdaRuntime } from './lambda-runtime.ts';
import type { Listener } from './loopback.ts';
import type { Ports, ServerName } from './ports.ts';
import type { Template } from './template.ts';

/** The APIs of the template, each by the port it is served on. */
export interface Apis {
  readonly rest: RestApi | undefined;
  readonly http: HttpApi | undefined;
  readonly websocket: WebSocketApi | undefined;
}

/** @throws {StackError} when one cannot be served as the template says */
export const readApis = (template: Template): Apis => ({
  rest: readRestApi(template),
  http: readHttpApi(template),
  websocket: readWebSocketApi(template),
});

export interface FrontDoorOptions {
  readonly ports: Ports;
  /** Where functions reach `@connections`. Of its own, and for programs only: a page must not speak to clients. */
  readonly management: Listener;
  readonly region: string;
  readonly runtime: LambdaRuntime;
  readonly onProblem: (problem: string) => void;
}

/** What functions are told by `WEBSOCKET_MANAGEMENT_URL`: `@connections` of the stage, without that segment. */
export const managementUrl = ({ websocket }: Apis, management: Listener): string | undefined =>
  websocket && `http://127.0.0.1:${management.port}/${websocket.stage}`;

/**
 * Serves each API of the template on its port, and frees the ports of those it does not have.
 *
 * @returns which ports are served, and what ends the open connections
 */
export async function serveApis(
  { rest, http, websocket }: Apis,
  { ports, management, ...options }: FrontDoorOptions,
): Promise<{ readonly closed: readonly ServerName[]; readonly stop: () => void }> {
  if (rest) ports.rest.serve(restFrontDoor({ api: rest, ...options }));
  if (http) ports.http.serve(httpFrontDoor({ api: http, ...options }));
  const door = websocket && webSocketFrontDoor({ api: websocket, ...options });
  if (door) {
    ports.websocket.serve(door.plain);
    ports.websocket.serveUpgrades(door.upgrade);
    management.serve(door.management);
  }
  const closed: readonly ServerName[] = [
    ...(http ? [] : (['http'] as const)),
    ...(websocket ? [] : (['websocket'] as const)),
  ];
  await Promise.all(closed.map((name) => ports[name].close()));
  return { closed, stop: () => door?.stop() };
}
