import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import type { AccessRequest } from '../core/model.ts';
import { parseExecuteApiArn } from './execute-api-arn.ts';
import { isOversized, readCookies, readHeaders, type Headers } from './headers.ts';

/** What events of type REQUEST share, whichever API they come from (payload format 1.0). */
const event = v.object({
  type: v.literal('REQUEST'),
  methodArn: v.string(),
  httpMethod: v.optional(v.string()),
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

/**
 * Reads a REQUEST event. Method and path are taken from the method ARN: behind a base-path mapping
 * `event.path` is another one.
 *
 * @throws {Fault} `event` when it is not one
 */
export function readRequestEvent(surface: string, input: unknown): AccessRequest {
  const parsed = v.safeParse(event, input);
  if (!parsed.success) throw new Fault('event', 'Not an authorizer event of type REQUEST');
  const { methodArn, httpMethod, resource, requestContext, headers, multiValueHeaders } = parsed.output;
  const arn = parseExecuteApiArn(methodArn);
  if (httpMethod !== undefined && httpMethod.toUpperCase() !== arn.method) {
    throw new Fault('event', 'Method and method ARN differ');
  }
  return accessRequest({
    ...arn,
    surface,
    id: requestContext?.requestId,
    resource,
    sourceAddress: requestContext?.identity?.sourceIp,
    headers: readHeaders(headers, multiValueHeaders),
  });
}

interface Read extends Pick<AccessRequest, 'surface' | 'api' | 'method' | 'path'> {
  readonly id: string | null | undefined;
  readonly resource: string | null | undefined;
  readonly sourceAddress: string | null | undefined;
  readonly headers: Headers;
}

/** Applies the size limits, and parses the cookies of a request that keeps them. */
export function accessRequest({ id, resource, sourceAddress, headers, ...read }: Read): AccessRequest {
  const oversized = isOversized(headers);
  return {
    ...read,
    id: id ?? '',
    ...(resource ? { resource } : {}),
    headers,
    cookies: oversized ? [] : readCookies(headers.get('cookie') ?? []),
    ...(sourceAddress ? { sourceAddress } : {}),
    oversized,
  };
}
