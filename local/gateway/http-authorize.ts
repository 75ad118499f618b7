import * as v from 'valibot';
import type { LambdaRuntime } from '../lambda-runtime.ts';
import { askAuthorizer } from './authorizer-answer.ts';
import { contextVariable } from './context-variable.ts';
import type { HttpAuthorizer } from './http-api.ts';
import { firstQuestion, secondQuestion } from './http-authorizer-event.ts';
import { firstContext, routeArn } from './http-event.ts';
import type { HttpExchange } from './http-event.ts';
import { headerOf } from './http-request.ts';
import { evaluatePolicy, PolicyDocument } from './policy.ts';
import type { ResultCache } from './result-cache.ts';

/** What an integration is told about the caller. Unlike on REST APIs values keep their types. */
export type HttpAuthorizerContext = Readonly<Record<string, unknown>>;

export interface Allowed {
  readonly allowed: true;
  readonly context: HttpAuthorizerContext;
  /** Of an answer with a policy. */
  readonly principalId?: string;
}

export interface Refused {
  readonly allowed: false;
  readonly status: 401 | 403 | 500;
  /** For the terminal: what is wrong with the authorizer. Never sent to the client. */
  readonly problem?: string;
}

const context = v.nullish(v.record(v.string(), v.unknown()), {});
const Simple = v.object({ isAuthorized: v.boolean(), context });
const WithPolicy = v.object({
  principalId: v.optional(v.string(), ''),
  policyDocument: PolicyDocument,
  context,
});
/** Kept by the cache: what was said of a request is judged anew for each route. */
export type HttpAuthorizerAnswer = v.InferOutput<typeof Simple> | v.InferOutput<typeof WithPolicy>;

/** Milliseconds API Gateway waits for an authorizer of an HTTP API. */
const PATIENCE = 10_000;

export interface HttpAuthorizeOptions {
  readonly runtime: LambdaRuntime;
  readonly cache: ResultCache<HttpAuthorizerAnswer>;
}

/** Asks the route's authorizer, or its cached answer, whether this request may go on. */
export async function authorizeHttp(
  authorizer: HttpAuthorizer,
  exchange: HttpExchange,
  { runtime, cache }: HttpAuthorizeOptions,
): Promise<Allowed | Refused> {
  const { functionName, identitySources, payloadFormat, simple, ttl } = authorizer;
  const identities = identitySources.map((source) => httpIdentityOf(source, exchange));
  const present = identities.filter((value): value is string => Boolean(value));
  // One source that is missing or empty: refused without asking the function.
  if (present.length < identities.length) return { allowed: false, status: 401 };
  // The route is no part of the key unless it is a source: one answer then serves every route.
  const key = JSON.stringify([authorizer.id, ...present]);
  const cached = cache.get(key);
  if (cached) return judge(cached, exchange);

  const question = payloadFormat === '2.0' ? secondQuestion : firstQuestion;
  const asked = await askAuthorizer({
    runtime,
    functionName,
    event: question(exchange, present.length > 0 ? present : null),
    schema: simple ? Simple : WithPolicy,
    patience: PATIENCE,
  });
  if (asked.outcome === 'answer') {
    cache.set(key, asked.answer, ttl);
    return judge(asked.answer, exchange);
  }
  // What AWS makes of a thrown `Unauthorized` here is not documented: a fault is the answer nobody can rely on.
  const problem = asked.outcome === 'unauthorized' ? 'it threw Unauthorized' : asked.problem;
  return { allowed: false, status: 500, problem };
}

function judge(answer: HttpAuthorizerAnswer, exchange: HttpExchange): Allowed | Refused {
  const said = answer.context ?? {};
  if ('isAuthorized' in answer) {
    return answer.isAuthorized ? { allowed: true, context: said } : { allowed: false, status: 403 };
  }
  const verdict = evaluatePolicy(answer.policyDocument, routeArn(exchange));
  if (verdict !== 'allow') return { allowed: false, status: 403 };
  return { allowed: true, context: said, principalId: answer.principalId };
}

/** `$request.header.X`, `$request.querystring.X`, `$context.X`, `$stageVariables.X`. */
function httpIdentityOf(source: string, exchange: HttpExchange): string | undefined {
  const [, kind, name = ''] =
    /^\$(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  switch (kind) {
    case 'request.header':
      return headerOf(exchange.request, name);
    case 'request.querystring':
      return exchange.request.query.findLast(([each]) => each === name)?.[1];
    case 'context':
      return contextVariable(name, { ...firstContext(exchange), routeKey: exchange.match.route.key });
    case 'stageVariables':
      return exchange.stage.variables?.[name];
    case undefined:
    default:
      return undefined;
  }
}
