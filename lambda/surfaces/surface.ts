import type { Decision } from '../core/decide.ts';
import type { AccessRequest } from '../core/model.ts';
import type { OriginMatcher } from '../core/origin.ts';
import type { RouteTable } from '../core/route-table.ts';

/** What rendering an answer needs besides the decision: a policy lists every route the caller may call. */
export interface Rendering {
  readonly request: AccessRequest;
  readonly table: RouteTable;
  readonly trusted: OriginMatcher;
}

/** The shape API Gateway talks in. One file per surface; CDK chooses the handler export, nothing is sniffed. */
export interface Surface<Response> {
  readonly name: string;
  /** @throws {Fault} `event` when the event is not one of this surface */
  readonly read: (event: unknown) => AccessRequest;
  /** @throws {Unauthorized} where that is how the surface says 401 */
  readonly render: (decision: Decision, rendering: Rendering) => Response;
}

/**
 * REST and WebSocket APIs answer 401 only when the authorizer fails with exactly this message
 * ("API Gateway Lambda authorizer output", API Gateway developer guide).
 */
export class Unauthorized extends Error {
  constructor() {
    super('Unauthorized');
    this.name = 'Unauthorized';
  }
}
