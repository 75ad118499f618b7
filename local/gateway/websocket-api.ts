import { StackError } from '../stack-error.ts';
import type { Template } from '../template.ts';
import { readV2Api } from './v2-template.ts';
import type { V2Authorizer, V2Route } from './v2-template.ts';

/** A WebSocket API as the template describes it. */
export interface WebSocketApi {
  readonly id: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>> | undefined;
  /** Member of a message's body that names its route: `action` of `$request.body.action`. */
  readonly selector: readonly string[];
  /** By route key; `$connect`, `$disconnect` and `$default` are API Gateway's own. */
  readonly routes: ReadonlyMap<string, WebSocketRoute>;
}

export interface WebSocketRoute {
  readonly functionName: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** `$connect` only. */
  readonly authorizer?: V2Authorizer | undefined;
  /** What the function answers is sent to the client. */
  readonly responds: boolean;
}

/** API Gateway's longest time for an integration of a WebSocket API, and its default, in milliseconds. */
const TIMEOUT = 29_000;

/**
 * The WebSocket API of the template; undefined where it has none.
 *
 * @throws {StackError} when it cannot be served as the template says
 */
export function readWebSocketApi(template: Template): WebSocketApi | undefined {
  const api = readV2Api(template, 'WEBSOCKET');
  if (!api) return undefined;
  const [stage, ...others] = api.stages;
  if (!stage || others.length > 0)
    throw new StackError('the local gateway serves one stage of a WebSocket API');
  return {
    id: api.id,
    stage: stage.name,
    stageVariables: stage.variables,
    selector: selectorOf(api.routeSelectionExpression),
    routes: new Map(api.routes.map((route) => [route.key, routeOf(route)])),
  };
}

function routeOf({ key, functionName, timeout, authorizer, responds }: V2Route): WebSocketRoute {
  if (authorizer && key !== '$connect') throw new StackError(`${key}: API Gateway authorizes $connect only`);
  if (authorizer?.ttl) throw new StackError(`${key}: API Gateway caches no results for a WebSocket API`);
  return { functionName, timeout: timeout ?? TIMEOUT, authorizer, responds };
}

function selectorOf(expression: string): readonly string[] {
  const [, path] = /^\$\{?request\.body\.([\w.]+)\}?$/.exec(expression) ?? [];
  if (path === undefined)
    throw new StackError(`the local gateway selects routes by $request.body.…, not by ${expression}`);
  return path.split('.');
}
