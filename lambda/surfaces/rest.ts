import * as v from 'valibot';
import type { Decision } from '../core/decide.ts';
import { Fault } from '../core/fault.ts';
import type { AccessRequest, Allow } from '../core/model.ts';
import { completePolicy, denyPolicy, requestedPolicy, type PolicyDocument } from '../core/policy.ts';
import { allowContext, denyContext, isUnauthenticated, principalId, type Context } from './context.ts';
import { isOversized, readCookies, readHeaders } from './headers.ts';
import { Unauthorized, type Rendering, type Surface } from './surface.ts';

export interface RestAnswer {
  readonly principalId: string;
  readonly policyDocument: PolicyDocument;
  readonly context: Context;
}

const event = v.object({
  type: v.literal('REQUEST'),
  methodArn: v.string(),
  httpMethod: v.string(),
  resource: v.nullish(v.string()),
  headers: v.optional(v.unknown()),
  multiValueHeaders: v.optional(v.unknown()),
  requestContext: v.nullish(
    v.object({
      requestId: v.nullish(v.string()),
      identity: v.nullish(v.object({ sourceIp: v.nullish(v.string()) })),
    }),
  ),
});

/** `arn:partition:execute-api:region:account:api/stage/METHOD/path`; the path is what the client sent. */
const methodArnPattern =
  /^(arn:[a-z-]+:execute-api:[a-z0-9-]+:\d{12}:[A-Za-z0-9]{1,64}\/[A-Za-z0-9_-]{1,128})\/([A-Z]+)(\/.*)?$/s;

/**
 * REST API, REQUEST authorizer ("Input to a Lambda authorizer", API Gateway developer guide). Method and path
 * are taken from the method ARN: behind a base-path mapping `event.path` is another one.
 */
function read(input: unknown): AccessRequest {
  const parsed = v.safeParse(event, input);
  if (!parsed.success) throw new Fault('event', 'Not a REST API authorizer event of type REQUEST');
  const { methodArn, httpMethod, resource, requestContext, ...rest } = parsed.output;
  const [, api, method, path = '/'] = methodArnPattern.exec(methodArn) ?? [];
  if (api === undefined || method === undefined) throw new Fault('event', 'The method ARN has another form');
  if (method !== httpMethod.toUpperCase()) throw new Fault('event', 'Method and method ARN differ');

  const headers = readHeaders(rest.headers, rest.multiValueHeaders);
  const oversized = isOversized(headers);
  const sourceAddress = requestContext?.identity?.sourceIp;
  return {
    id: requestContext?.requestId ?? '',
    surface: 'rest',
    method,
    path,
    ...(resource ? { resource } : {}),
    headers,
    cookies: oversized ? [] : readCookies(headers.get('cookie') ?? []),
    ...(sourceAddress ? { sourceAddress } : {}),
    oversized,
    api,
  };
}

function render(decision: Decision, rendering: Rendering): RestAnswer {
  if (decision.effect === 'allow') return allow(decision, rendering);
  if (isUnauthenticated(decision)) throw new Unauthorized();
  return {
    principalId: decision.principal ? principalId(decision.principal) : 'anonymous',
    policyDocument: denyPolicy(rendering.request.api),
    context: denyContext(decision, rendering),
  };
}

/** Bytes of a whole answer. WebSocket APIs refuse more; held everywhere, so that surfaces agree. */
const budget = 8192;

function allow(decision: Allow, { request, table, trusted }: Rendering): RestAnswer {
  const answer = (policyDocument: PolicyDocument): RestAnswer => ({
    principalId: principalId(decision.principal),
    policyDocument,
    context: allowContext(decision),
  });
  const complete = answer(completePolicy(decision, request, table, trusted));
  if (Buffer.byteLength(JSON.stringify(complete)) <= budget) return complete;
  return answer(requestedPolicy(decision, request, table, trusted));
}

export const rest: Surface<RestAnswer> = { name: 'rest', read, render };
