import * as v from 'valibot';
import { StackError } from '../stack-error.ts';
import type { HttpAnswer } from './gateway-response.ts';
import { headerOf } from './http-request.ts';
import type { HttpRequest } from './http-request.ts';

const texts = v.optional(v.array(v.string()), []);
const Cors = v.object({
  AllowCredentials: v.optional(v.boolean(), false),
  AllowHeaders: texts,
  AllowMethods: texts,
  AllowOrigins: texts,
  ExposeHeaders: texts,
  MaxAge: v.optional(v.number()),
});
/** `CorsConfiguration` of an HTTP API. */
export type CorsRules = v.InferOutput<typeof Cors>;

export function readCorsRules(value: unknown): CorsRules {
  const rules = v.safeParse(Cors, value);
  if (rules.success) return rules.output;
  throw new StackError(`CorsConfiguration: ${rules.issues[0].message}`);
}

/** A preflight request is answered by the API itself, also where a route takes OPTIONS. */
export function preflightAnswer(rules: CorsRules, request: HttpRequest): HttpAnswer | undefined {
  if (request.method !== 'OPTIONS' || headerOf(request, 'access-control-request-method') === undefined)
    return undefined;
  return { status: 204, headers: corsHeaders(rules, request), body: '' };
}

/** With rules of its own the API ignores the CORS headers of its functions. */
export function withCors(rules: CorsRules, request: HttpRequest, answer: HttpAnswer): HttpAnswer {
  const own = answer.headers.filter(([name]) => !name.toLowerCase().startsWith('access-control-'));
  return { ...answer, headers: [...own, ...corsHeaders(rules, request)] };
}

function corsHeaders(rules: CorsRules, request: HttpRequest): HttpAnswer['headers'] {
  const origin = headerOf(request, 'origin');
  if (origin === undefined || !rules.AllowOrigins.some((allowed) => matches(allowed, origin))) return [];
  const any = rules.AllowOrigins.includes('*') && !rules.AllowCredentials;
  const lists = [
    ['access-control-allow-headers', rules.AllowHeaders],
    ['access-control-allow-methods', rules.AllowMethods],
    ['access-control-expose-headers', rules.ExposeHeaders],
  ] as const;
  return [
    ['access-control-allow-origin', any ? '*' : origin],
    ...(rules.AllowCredentials ? ([['access-control-allow-credentials', 'true']] as const) : []),
    ...lists.flatMap(([name, values]) => (values.length > 0 ? [[name, values.join(',')] as const] : [])),
    ...(rules.MaxAge === undefined ? [] : ([['access-control-max-age', String(rules.MaxAge)]] as const)),
  ];
}

/** `*`, `https://*`, `http://*` or an origin. */
const matches = (allowed: string, origin: string): boolean =>
  allowed === origin || (allowed.endsWith('*') && origin.startsWith(allowed.slice(0, -1)));
