import type { CorsRules } from './http-cors.ts';
import type { V2Stage } from './v2-template.ts';

/** An HTTP API as the template describes it. */
export interface HttpApi {
  readonly id: string;
  readonly stages: readonly V2Stage[];
  readonly routes: readonly HttpRoute[];
  /** Of the API as a whole. Absent: CORS is the functions' own business. */
  readonly cors?: CorsRules | undefined;
}

export interface HttpRoute {
  readonly key: string;
  readonly functionName: string;
  readonly payloadFormat: PayloadFormat;
  /** Milliseconds. */
  readonly timeout: number;
  readonly authorizer?: HttpAuthorizer | undefined;
}

export type PayloadFormat = '1.0' | '2.0';

export interface HttpAuthorizer {
  readonly id: string;
  readonly functionName: string;
  /** `$request.header.X`, `$request.querystring.X`, `$context.X`, `$stageVariables.X`. */
  readonly identitySources: readonly string[];
  readonly payloadFormat: PayloadFormat;
  /** Answers `{isAuthorized}` instead of a policy. */
  readonly simple: boolean;
  /** Seconds a result is kept; 0 is no cache. */
  readonly ttl: number;
}
