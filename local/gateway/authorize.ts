import type { LambdaRuntime } from '../lambda-runtime.ts';
import { askAuthorizer, PolicyAnswer, textContext } from './authorizer-answer.ts';
import type { AuthorizerContext } from './authorizer-answer.ts';
import { contextVariable } from './context-variable.ts';
import { headerOf } from './http-request.ts';
import { evaluatePolicy } from './policy.ts';
import type { ResultCache } from './result-cache.ts';
import type { RestAuthorizer } from './rest-api.ts';
import { methodArn, requestAuthorizerEvent, requestContext, tokenAuthorizerEvent } from './rest-event.ts';
import type { RestExchange } from './rest-event.ts';

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

export interface AuthorizeOptions {
  readonly runtime: LambdaRuntime;
  readonly cache: ResultCache<PolicyAnswer>;
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
  const { functionName, ttl } = authorizer;
  const asked = await askAuthorizer({ runtime, functionName, event, schema: PolicyAnswer });
  switch (asked.outcome) {
    case 'unauthorized':
      return { allowed: false, response: 'UNAUTHORIZED' };
    case 'failure':
      return { allowed: false, response: 'AUTHORIZER_FAILURE', problem: asked.problem };
    case 'invalid':
      return { allowed: false, response: 'AUTHORIZER_CONFIGURATION_ERROR', problem: asked.problem };
    case 'answer':
      cache.set(key, asked.answer, ttl);
      return judge(asked.answer, exchange);
    default:
      return asked satisfies never;
  }
}

function judge(answer: PolicyAnswer, exchange: RestExchange): Authorization {
  const context = textContext(answer);
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
