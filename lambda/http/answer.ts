import { errorStatus, isRefusal, type Refusal } from './refusal.ts';

/** What an endpoint says when it did what it was asked. */
export interface Answer {
  readonly status: 200 | 201 | 204;
  /** Sent as JSON. */
  readonly body?: object;
}

/**
 * The answer of a Lambda proxy integration, as REST APIs and both payload formats of HTTP APIs read it
 * ("Output format of a Lambda function for proxy integration", API Gateway developer guide).
 */
export interface ProxyAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type HttpHandler = (event: unknown) => Promise<ProxyAnswer>;

/** One person's data: kept by no cache on the way (RFC 9111 §5.2.2.5), and never taken for a page. */
const common = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
const json = { 'Content-Type': 'application/json' };

/** @param headers those of CORS, on refusals as well: a page could not read the error without them */
export function render(
  answer: Answer | Refusal,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): ProxyAnswer {
  if (isRefusal(answer)) {
    const { error, reason, message, scope, retryAfter = error === 'unavailable' ? 1 : undefined } = answer;
    return {
      statusCode: errorStatus[error],
      headers: {
        ...common,
        ...json,
        ...headers,
        ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
      },
      body: JSON.stringify({ error, reason, message, scope, requestId }),
    };
  }
  const { status, body } = answer;
  return body === undefined
    ? { statusCode: status, headers: { ...common, ...headers }, body: '' }
    : { statusCode: status, headers: { ...common, ...json, ...headers }, body: JSON.stringify(body) };
}
