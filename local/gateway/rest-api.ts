import type { ResourceNode } from './resource-tree.ts';

/** A REST API as the template describes it. */
export interface RestApi {
  readonly id: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>> | null;
  readonly root: ResourceNode<RestMethod>;
  /** Customized gateway responses, by type. */
  readonly responses: ReadonlyMap<string, GatewayResponse>;
  readonly binaryMediaTypes: readonly string[];
}

export interface RestMethod {
  readonly functionName: string;
  readonly authorizer?: RestAuthorizer;
  /** `method.request.header.x` and the like that must be there. */
  readonly requiredParameters: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
}

export interface RestAuthorizer {
  readonly id: string;
  readonly kind: 'REQUEST' | 'TOKEN';
  readonly functionName: string;
  readonly identitySources: readonly string[];
  /** Seconds a result is kept; 0 is no cache. */
  readonly ttl: number;
  /** TOKEN only: what the token must look like for the function to be asked. */
  readonly validation?: RegExp;
}

export interface GatewayResponse {
  readonly status?: number;
  /** Header name → `'literal'` or where the value comes from. */
  readonly headers: ReadonlyMap<string, string>;
  /** Media type → body with `$context` variables. */
  readonly templates: ReadonlyMap<string, string>;
}
