import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import { trimmed } from '../core/white-space.ts';
import type { AccessRequest } from '../core/model.ts';
import { parseExecuteApiArn } from './execute-api-arn.ts';
import { readHeaders } from './headers.ts';
import { accessRequest } from './request-event.ts';

/** Payload format 2.0. Several members the type definitions require can be missing. */
const event = v.object({
  version: v.literal('2.0'),
  type: v.literal('REQUEST'),
  routeArn: v.string(),
  routeKey: v.nullish(v.string()),
  cookies: v.nullish(v.array(v.string())),
  headers: v.optional(v.unknown()),
  requestContext: v.nullish(
    v.object({
      requestId: v.nullish(v.string()),
      http: v.nullish(v.object({ sourceIp: v.nullish(v.string()) })),
    }),
  ),
});

/** @throws {Fault} `event` when it is not one */
export function readHttpEvent(surface: string, input: unknown): AccessRequest {
  const parsed = v.safeParse(event, input);
  if (!parsed.success) throw new Fault('event', 'Not an HTTP API authorizer event of payload format 2.0');
  const { routeArn, routeKey, cookies, headers, requestContext } = parsed.output;
  return accessRequest({
    ...parseExecuteApiArn(routeArn),
    surface,
    id: requestContext?.requestId,
    resource: routeKey?.replace(/^[A-Z]+ /, ''),
    sourceAddress: requestContext?.http?.sourceIp,
    headers: withCookies(headers, cookies ?? []),
  });
}

/**
 * `cookies[]` may be empty while `headers.cookie` is set, and the reverse. Both are read, and a pair in both
 * is one pair, so that no cookie is counted twice against the size limit.
 */
function withCookies(single: unknown, cookies: readonly string[]) {
  const headers = readHeaders(single, undefined);
  const sent = headers.get('cookie') ?? [];
  const known = new Set(sent.flatMap((value) => value.split(';')).map(trimmed));
  const more = cookies.filter((pair) => !known.has(trimmed(pair)));
  return more.length === 0 ? headers : new Map([...headers, ['cookie', [...sent, more.join('; ')]]]);
}
