import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Endpoint, Route, RouteMethod } from '../lambda/core/routes.ts';
import { routes } from '../lambda/core/routes.ts';

/** The endpoints that answer requests; the other one answers messages. */
export type ServedEndpoint = Exclude<Endpoint, 'realtime'>;

/** A route of the table that REST and HTTP APIs serve: every one but the WebSocket's `$connect`. */
export interface ServedRoute extends Route {
  readonly method: Exclude<RouteMethod, '$connect'>;
  readonly endpoint: ServedEndpoint;
}

const isServed = (route: Route): route is ServedRoute =>
  route.method !== '$connect' && route.endpoint !== 'realtime';

export const servedRoutes: readonly ServedRoute[] = routes.filter(isServed);

/** The functions behind an API that serves the route table. */
export interface ServedFunctions {
  /** A function for every endpoint the route table names. */
  readonly endpoints: Readonly<Record<ServedEndpoint, IFunction>>;
  /** Better Auth's server. No authorizer stands before it: it is where credentials come from. */
  readonly identity: IFunction;
  /** Answers OPTIONS on every route, without an authorizer: a preflight carries no credential (Fetch, 4.8). */
  readonly preflight: IFunction;
}

/** Why no authorizer stands before these. */
export const openReasons = {
  identity: 'Better Auth authenticates these requests itself: this is where credentials are obtained.',
  preflight: 'Browsers send preflight requests without credentials; the answer tells nothing but CORS.',
};
