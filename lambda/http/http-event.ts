import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import { readHeaders, type Headers } from '../surfaces/headers.ts';

/** A request to an endpoint, the same whichever API and payload format it came through. Unverified. */
export interface HttpRequest {
  /** API Gateway's request id; empty when it gave none. */
  readonly id: string;
  /** Upper case. */
  readonly method: string;
  /** Path template of the matched route where the gateway names it, else the path without stage. */
  readonly route: string;
  /** As the client sent it, still encoded, without a stage; behind a base-path mapping with that. */
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Every value of a repeated parameter; payload 2.0 joins them by commas. */
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly headers: Headers;
  readonly body: Buffer<ArrayBuffer>;
  /** From `requestContext`, never from a header the client can write. */
  readonly sourceAddress?: string;
}

const text = v.nullish(v.string());
const values = v.nullish(v.record(v.string(), text));

const common = {
  headers: v.optional(v.unknown()),
  pathParameters: values,
  queryStringParameters: values,
  body: text,
  isBase64Encoded: v.nullish(v.boolean()),
};

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
const first = v.object({
  ...common,
  httpMethod: v.string(),
  resource: text,
  path: text,
  multiValueHeaders: v.optional(v.unknown()),
  multiValueQueryStringParameters: v.nullish(v.record(v.string(), v.nullish(v.array(v.string())))),
  requestContext: v.nullish(v.object({ requestId: text, identity: v.nullish(v.object({ sourceIp: text })) })),
});

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const second = v.object({
  ...common,
  version: v.literal('2.0'),
  routeKey: text,
  rawPath: text,
  cookies: v.nullish(v.array(v.string())),
  requestContext: v.object({
    requestId: text,
    stage: text,
    http: v.object({ method: v.string(), sourceIp: text }),
  }),
});

/** @throws {Fault} `event` when it is not the event of an HTTP request in payload format 1.0 or 2.0 */
export function readHttpEvent(event: unknown): HttpRequest {
  const parsed = v.safeParse(v.union([second, first]), event);
  if (!parsed.success) throw new Fault('event', 'Not the event of an HTTP request');
  return 'version' in parsed.output ? readSecond(parsed.output) : readFirst(parsed.output);
}

function readFirst(event: v.InferOutput<typeof first>): HttpRequest {
  const multiple = Object.entries(event.multiValueQueryStringParameters ?? {});
  return {
    id: event.requestContext?.requestId ?? '',
    method: event.httpMethod.toUpperCase(),
    route: event.resource ?? event.path ?? '',
    path: event.path ?? '',
    ...shared(event, event.multiValueHeaders),
    ...from(event.requestContext?.identity?.sourceIp),
    ...(multiple.length > 0 ? { query: new Map(multiple.map(([name, all]) => [name, all ?? ['']])) } : {}),
  };
}

function readSecond(event: v.InferOutput<typeof second>): HttpRequest {
  const { requestId, stage, http } = event.requestContext;
  const path = withoutStage(event.rawPath ?? '', stage);
  const [, route = ''] = event.routeKey?.split(' ') ?? [];
  const request = shared(event, undefined);
  return {
    id: requestId ?? '',
    method: http.method.toUpperCase(),
    // `$default` and a route for any path do not name one.
    route: route === '' || route.includes('+}') ? path : route,
    path,
    ...request,
    headers: withCookies(request.headers, event.cookies ?? []),
    ...from(http.sourceIp),
  };
}

/** Payload 2.0 hands cookies over apart from the headers. */
const withCookies = (headers: Headers, cookies: readonly string[]): Headers =>
  cookies.length === 0 || headers.has('cookie')
    ? headers
    : new Map([...headers, ['cookie', [cookies.join('; ')]]]);

const from = (sourceAddress: string | null | undefined): Pick<HttpRequest, 'sourceAddress'> =>
  sourceAddress ? { sourceAddress } : {};

/** Only the `$default` stage is not a part of the path. */
const withoutStage = (path: string, stage: string | null | undefined): string =>
  stage && path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;

function shared(
  event: v.InferOutput<v.ObjectSchema<typeof common, undefined>>,
  multiValueHeaders: unknown,
): Pick<HttpRequest, 'parameters' | 'query' | 'headers' | 'body'> {
  return {
    parameters: new Map(entries(event.pathParameters)),
    query: new Map(entries(event.queryStringParameters).map(([name, value]) => [name, [value]])),
    headers: readHeaders(event.headers, multiValueHeaders),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  };
}

const entries = (of: v.InferOutput<typeof values>): readonly [string, string][] =>
  Object.entries(of ?? {}).map(([name, value]) => [name, value ?? '']);
