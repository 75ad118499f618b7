import * as v from 'valibot';
import { parseJson } from '../json.ts';
import type { LambdaRuntime } from '../lambda-runtime.ts';
import { contextVariable } from './context-variable.ts';
import { headerOf } from './http-request.ts';
import { evaluatePolicy, PolicyDocument } from './policy.ts';
import type { ResultCache } from './result-cache.ts';
import type { RestAuthorizer } from './rest-api.ts';
import { methodArn, requestAuthorizerEvent, requestContext, tokenAuthorizerEvent } from './rest-event.ts';
import type { RestExchange } from './rest-event.ts';

/** What `$context.authorizer` holds and the endpoint is told: text only, whatever the authorizer sent. */
export type AuthorizerContext = Readonly<Record<string, string>>;

export type Authorization =
  | { readonly allowed: true; readonly context: AuthorizerContext }
  | {
      readonly allowed: false;
      /** Type of the gateway response. */
      readonly response:
        'UNAUTHORIZED' | 'ACCESS_DENIED' | 'AUTHORIZER_FAILURE' | 'AUTHORIZER_CONFIGURATION_ERROR';
      readonly context?: AuthorizerContext;
      /** API Gateway's own words, where they differ from those of the type. */
      readonly message?: string;
      /** For the terminal: what is wrong with the authorizer. Never sent to the client. */
      readonly problem?: string;
    };

/** What an authorizer answers. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html */
const Answer = v.object({
  principalId: v.string(),
  policyDocument: PolicyDocument,
  // Objects and arrays are not allowed; API Gateway then answers 500.
  context: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
});
export type AuthorizerAnswer = v.InferOutput<typeof Answer>;

export interface AuthorizeOptions {
  readonly runtime: LambdaRuntime;
  readonly cache: ResultCache<AuthorizerAnswer>;
}

/** Asks the method's authorizer, or its cached answer, whether this request may go on. */
export async function authorize(
  authorizer: RestAuthorizer,
  exchange: RestExchange,
  { runtime, cache }: AuthorizeOptions,
): Promise<Authorization> {
  const identity = authorizer.identitySources.map((source) => identityOf(source, exchange));
  const token = identity[0] ?? '';
  // One source that is missing or empty: refused without asking the function.
  if (identity.some((value) => !value) || (authorizer.validation && !authorizer.validation.test(token))) {
    return { allowed: false, response: 'UNAUTHORIZED' };
  }
  const key = JSON.stringify([authorizer.id, ...identity]);
  const cached = cache.get(key);
  if (cached) return judge(cached, exchange);

  const event =
    authorizer.kind === 'TOKEN' ? tokenAuthorizerEvent(exchange, token) : requestAuthorizerEvent(exchange);
  const result = await runtime.invoke(authorizer.functionName, JSON.stringify(event));
  if (!result.ok) {
    if (result.errorMessage === 'Unauthorized') return { allowed: false, response: 'UNAUTHORIZED' };
    const problem = `${result.errorType}: ${result.errorMessage}`;
    return { allowed: false, response: 'AUTHORIZER_FAILURE', problem };
  }
  const answer = v.safeParse(Answer, parseJson(result.payload));
  if (!answer.success) {
    const [issue] = answer.issues;
    const problem = `its answer is not valid: ${v.getDotPath(issue) ?? 'answer'}: ${issue.message}`;
    return { allowed: false, response: 'AUTHORIZER_CONFIGURATION_ERROR', problem };
  }
  cache.set(key, answer.output, authorizer.ttl);
  return judge(answer.output, exchange);
}

function judge(answer: AuthorizerAnswer, exchange: RestExchange): Authorization {
  const entries = Object.entries(answer.context).map(([name, value]) => [name, String(value)]);
  const context: AuthorizerContext = { ...Object.fromEntries(entries), principalId: answer.principalId };
  const verdict = evaluatePolicy(answer.policyDocument, methodArn(exchange));
  if (verdict === 'allow') return { allowed: true, context };
  const explicitly = verdict === 'explicit_deny' ? ' with an explicit deny' : '';
  const message = `User is not authorized to access this resource${explicitly}`;
  return { allowed: false, response: 'ACCESS_DENIED', context, message };
}

/** `method.request.header.X`, `method.request.querystring.X`, `context.X`, `stageVariables.X`. */
export function identityOf(source: string, exchange: RestExchange): string | undefined {
  const [, kind, name = ''] =
    /^(method\.request\.(?:header|querystring|path)|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  switch (kind) {
    case 'method.request.header':
      return headerOf(exchange.request, name);
    case 'method.request.querystring':
      return exchange.request.query.findLast(([each]) => each === name)?.[1];
    case 'method.request.path':
      return exchange.match.parameters[name];
    case 'context':
      return contextVariable(name, requestContext(exchange));
    case 'stageVariables':
      return exchange.api.stageVariables?.[name];
    case undefined:
    default:
      return undefined;
  }
}
