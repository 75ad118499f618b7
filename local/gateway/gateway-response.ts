import { contextVariable } from './context-variable.ts';
import type { GatewayResponse } from './rest-api.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Buffer;
}

/** API Gateway's own status and words for what it answers itself. `null` is what it really says of a fault. */
const defaults = {
  ACCESS_DENIED: [403, 'User is not authorized to access this resource', 'AccessDeniedException'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, null, 'AuthorizerConfigurationException'],
  AUTHORIZER_FAILURE: [500, null, 'AuthorizerFailureException'],
  BAD_REQUEST_PARAMETERS: [400, 'Missing required request parameters', 'BadRequestException'],
  DEFAULT_4XX: [400, 'Bad Request', 'BadRequestException'],
  DEFAULT_5XX: [502, 'Internal server error', 'InternalServerErrorException'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out', 'InternalServerErrorException'],
  INVALID_SIGNATURE: [403, 'Authorization header requires a signature', 'IncompleteSignatureException'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'Missing Authentication Token', 'MissingAuthenticationTokenException'],
  REQUEST_TOO_LARGE: [413, 'Request Too Long', 'RequestTooLargeException'],
  UNAUTHORIZED: [401, 'Unauthorized', 'UnauthorizedException'],
} as const satisfies Record<string, readonly [number, string | null, string]>;

export type ResponseType = keyof typeof defaults;

export interface ResponseContext {
  /** `$context` of the request. */
  readonly context: object;
  readonly header: (name: string) => string | undefined;
  /** Instead of API Gateway's usual words. */
  readonly message?: string | undefined;
  /** Instead of the type's usual status. */
  readonly status?: number | undefined;
}

/**
 * What API Gateway itself answers: as the template says for this type, else for all types of its class
 * (DEFAULT_4XX, DEFAULT_5XX), else in API Gateway's own words.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export function renderGatewayResponse(
  responses: ReadonlyMap<string, GatewayResponse>,
  type: ResponseType,
  { context, header, message, status }: ResponseContext,
): HttpAnswer {
  const [usualStatus, usualMessage, errorType] = defaults[type];
  const wantedStatus = status ?? usualStatus;
  const custom = responses.get(type) ?? responses.get(wantedStatus < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
  const said = message ?? usualMessage;
  const error = { message: said ?? '', messageString: JSON.stringify(said), responseType: type };
  const variables = { ...context, error };
  const [mediaType, template] = templateOf(custom);
  const headers = [...(custom?.headers ?? [])].flatMap(([name, source]) => {
    const value = headerValue(source, variables, header);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    status: custom?.status ?? wantedStatus,
    headers: [['Content-Type', mediaType], ['x-amzn-ErrorType', errorType], ...headers],
    body: substitute(template, variables),
  };
}

const templateOf = (custom: GatewayResponse | undefined): readonly [mediaType: string, template: string] => {
  const [first] = custom?.templates ?? [];
  const json = custom?.templates.get('application/json');
  if (json === undefined && first) return first;
  return ['application/json', json ?? '{"message":$context.error.messageString}'];
};

/** Variables are replaced as they are, nothing is escaped, and nothing else of VTL works: as on AWS. */
const substitute = (template: string, variables: object): string =>
  template.replace(
    /\$context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)/g,
    (_, path: string) => contextVariable(path, variables) ?? '',
  );

/** `'literal'`, `context.x` or `method.request.header.x`; a header without a value is left out. */
function headerValue(
  source: string,
  variables: object,
  header: (name: string) => string | undefined,
): string | undefined {
  if (source.startsWith("'")) return source.slice(1, -1);
  if (source.startsWith('context.')) return contextVariable(source.slice('context.'.length), variables);
  if (source.startsWith('method.request.header.'))
    return header(source.slice('method.request.header.'.length));
  return undefined;
}
