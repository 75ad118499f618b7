import { StackError } from '../stack-error.ts';
import type { Template } from '../template.ts';
import type { HttpApi, HttpAuthorizer, HttpRoute, PayloadFormat } from './http-api.ts';
import { readCorsRules } from './http-cors.ts';
import { readV2Api } from './v2-template.ts';
import type { V2Authorizer, V2Route } from './v2-template.ts';

/** API Gateway's longest time for an integration of an HTTP API, and its default, in milliseconds. */
const TIMEOUT = 30_000;

/**
 * The HTTP API of the template; undefined where it has none.
 *
 * @throws {StackError} when it cannot be served as the template says
 */
export function readHttpApi(template: Template): HttpApi | undefined {
  const api = readV2Api(template, 'HTTP');
  if (!api) return undefined;
  return {
    id: api.id,
    stages: api.stages,
    routes: api.routes.map(routeOf),
    cors: api.cors === undefined ? undefined : readCorsRules(api.cors),
  };
}

function routeOf({ key, functionName, payloadFormat, timeout, authorizer }: V2Route): HttpRoute {
  if (key !== '$default' && !/^[A-Z]+ \/\S*$/.test(key))
    throw new StackError(`${key} is no route key of an HTTP API`);
  return {
    key,
    functionName,
    payloadFormat: formatOf(payloadFormat, `the integration of ${key}`),
    timeout: timeout ?? TIMEOUT,
    authorizer: authorizer && authorizerOf(authorizer),
  };
}

function authorizerOf({
  id,
  functionName,
  identitySources,
  payloadFormat,
  simple,
  ttl,
}: V2Authorizer): HttpAuthorizer {
  const format = formatOf(payloadFormat, `the authorizer ${id}`);
  // What is assumed where it is not stated differs between the console, CloudFormation and CDK.
  if (ttl === undefined)
    throw new StackError(`the authorizer ${id} must state its AuthorizerResultTtlInSeconds, 0 for no cache`);
  if (ttl > 0 && identitySources.length === 0)
    throw new StackError(`${id}: API Gateway refuses an authorizer with a cache and no identity source`);
  if (simple && format === '1.0')
    throw new StackError(`${id}: API Gateway has simple responses in payload format 2.0 only`);
  return { id, functionName, identitySources, payloadFormat: format, simple, ttl };
}

function formatOf(format: string | undefined, what: string): PayloadFormat {
  if (format === '1.0' || format === '2.0') return format;
  throw new StackError(`${what} must state its payload format version`);
}
