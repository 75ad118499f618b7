import type { AuthContext } from '../../lambda/context/auth-context.ts';
import type { HttpHandler } from '../../lambda/http/answer.ts';

/** A request to an endpoint as a test says it. */
export interface EndpointCall {
  readonly method: string;
  /** Path template. */
  readonly route: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
  readonly context?: AuthContext;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
export function restEvent(request: EndpointCall) {
  const { method, route, parameters, query, headers = {}, context } = request;
  const path = route.replace(/\{([A-Za-z]+)\}/g, (_, name: string) => parameters?.[name] ?? '');
  return {
    resource: route,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: query ?? null,
    multiValueQueryStringParameters: query
      ? Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]]))
      : null,
    pathParameters: parameters ?? null,
    stageVariables: null,
    requestContext: {
      requestId: 'request-1',
      resourcePath: route,
      httpMethod: method,
      stage: 'dev',
      ...(context
        ? {
            authorizer: {
              ...Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)])),
              principalId: 'user:u',
              integrationLatency: 7,
            },
          }
        : {}),
    },
    body: bodyText(request),
    isBase64Encoded: false,
  };
}

/** The same request behind an HTTP API, payload format 2.0. */
export function httpEvent(request: EndpointCall) {
  const { method, route, parameters, query, headers = {}, context } = request;
  const path = route.replace(/\{([A-Za-z]+)\}/g, (_, name: string) => parameters?.[name] ?? '');
  return {
    version: '2.0',
    routeKey: `${method} ${route}`,
    rawPath: `/dev${path}`,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    ...(query ? { queryStringParameters: query } : {}),
    ...(parameters ? { pathParameters: parameters } : {}),
    requestContext: {
      requestId: 'request-1',
      stage: 'dev',
      http: { method, path: `/dev${path}`, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      ...(context ? { authorizer: { lambda: context } } : {}),
    },
    body: Buffer.from(bodyText(request) ?? '').toString('base64'),
    isBase64Encoded: true,
  };
}

function bodyText({ body }: EndpointCall): string | null {
  if (body === undefined) return null;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Sends a request to an endpoint behind a REST API. */
export async function call(handler: HttpHandler, request: EndpointCall): Promise<Reply> {
  return reply(handler, restEvent(request));
}

export async function reply(handler: HttpHandler, event: unknown): Promise<Reply> {
  const { statusCode, headers, body } = await handler(event);
  const parsed: unknown = body === '' ? undefined : JSON.parse(body);
  return { status: statusCode, headers, body: parsed };
}

/** A member of the organization `acme`; what a test is about is changed. */
export const callerContext = (changes: Partial<AuthContext> = {}): AuthContext => ({
  organizationId: 'org-acme',
  organizationSlug: 'acme',
  userId: 'user-1',
  role: 'member',
  credentialKind: 'session',
  credentialId: 'session-1',
  scopes: 'records:read records:write actions:invoke extensions:use realtime:connect',
  expiresAt: 1_900_000_000,
  ...changes,
});
