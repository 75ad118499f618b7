import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { ResponseType } from 'aws-cdk-lib/aws-apigateway';

interface Answer {
  readonly types: readonly ResponseType[];
  /** @default the status API Gateway chose */
  readonly status?: number;
  /** Text may hold `$context` variables. None of them may carry bytes of the request: the text is not escaped. */
  readonly body: Readonly<Record<string, string>>;
  /** Values are `'literal'` or `context.variable`. @default none besides those of every answer */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Where no method matched. API Gateway then takes the request for one signed with AWS keys and answers about
 * the missing or malformed signature, quoting the `Authorization` header, so a bearer token would come back in
 * an error page. No method here uses such signatures: each of these types can only mean "there is no such route".
 */
const unmatched = [
  ResponseType.MISSING_AUTHENTICATION_TOKEN,
  ResponseType.INVALID_SIGNATURE,
  ResponseType.EXPIRED_TOKEN,
  ResponseType.RESOURCE_NOT_FOUND,
];

/** We could not tell: 5xx, never 401, since clients throw their credential away on 401. */
const faults = [
  ResponseType.AUTHORIZER_FAILURE,
  ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
  ResponseType.API_CONFIGURATION_ERROR,
  ResponseType.INTEGRATION_FAILURE,
  ResponseType.INTEGRATION_TIMEOUT,
  ResponseType.DEFAULT_5XX,
];

const requestId = '$context.requestId';

const answers: readonly Answer[] = [
  {
    types: [ResponseType.UNAUTHORIZED],
    status: 401,
    body: { error: 'unauthorized', reason: '', requestId },
    headers: { 'WWW-Authenticate': `'Bearer realm="crm"'` },
  },
  {
    types: [ResponseType.ACCESS_DENIED],
    status: 403,
    body: { error: 'forbidden', reason: '$context.authorizer.reason', requestId },
    // The authorizer sets `allowOrigin` on a Deny only if it trusts the request's origin.
    headers: { 'Access-Control-Allow-Origin': 'context.authorizer.allowOrigin' },
  },
  {
    types: unmatched,
    status: 404,
    body: { error: 'not_found', message: 'There is no such route.', requestId },
  },
  {
    types: [ResponseType.THROTTLED],
    status: 429,
    body: { error: 'rate_limited', reason: '', requestId },
    headers: { 'Retry-After': `'1'` },
  },
  {
    // The web ACL holds rate rules alone, so what it filters was too much, for as long as its window lasts.
    types: [ResponseType.WAF_FILTERED, ResponseType.QUOTA_EXCEEDED],
    status: 429,
    body: { error: 'rate_limited', reason: '', requestId },
    headers: { 'Retry-After': `'60'` },
  },
  {
    types: faults,
    status: 503,
    body: { error: 'unavailable', reason: '', requestId },
    headers: { 'Retry-After': `'1'` },
  },
  { types: [ResponseType.DEFAULT_4XX], body: { error: 'invalid_request', reason: '', requestId } },
];

/**
 * What API Gateway itself answers: the contract's shape, never stored, readable by the pages that may read it.
 *
 * @param origin whose pages may read 401 and 5xx answers: that of BETTER_AUTH_URL
 */
export function addGatewayResponses(restApi: RestApi, origin: string): void {
  const common = {
    'Access-Control-Allow-Origin': `'${origin}'`,
    'Access-Control-Allow-Credentials': `'true'`,
    Vary: `'Origin'`,
    'Cache-Control': `'no-store'`,
  };
  for (const { types, status, body, headers } of answers) {
    for (const type of types) {
      restApi.addGatewayResponse(type.responseType, {
        type,
        ...(status === undefined ? {} : { statusCode: String(status) }),
        responseHeaders: { ...common, ...headers },
        templates: { 'application/json': JSON.stringify(body) },
      });
    }
  }
}
