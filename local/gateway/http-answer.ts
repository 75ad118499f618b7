import * as v from 'valibot';
import { isObject, parseJson } from '../json.ts';
import type { HttpAnswer } from './gateway-response.ts';
import type { PayloadFormat } from './http-api.ts';
import { isHeader } from './header-syntax.ts';
import type { Pair } from './http-request.ts';

const scalar = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));
const Answer = v.object({
  statusCode: v.pipe(
    v.union([v.number(), v.string()]),
    v.transform(Number),
    v.integer(),
    v.minValue(100),
    v.maxValue(599),
  ),
  headers: v.nullish(v.record(v.string(), scalar)),
  /** Payload format 1.0 only. */
  multiValueHeaders: v.nullish(v.record(v.string(), v.array(scalar))),
  /** Payload format 2.0 only. */
  cookies: v.nullish(v.array(v.string())),
  body: v.nullish(v.string(), ''),
  isBase64Encoded: v.nullish(v.boolean(), false),
});
type Answer = v.InferOutput<typeof Answer>;

/** Of the connection to the function, not of the one to the client. */
const DROPPED = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/**
 * What a function behind an HTTP API answered; undefined when it is malformed (API Gateway: 500). An answer
 * of payload format 2.0 without a status code is taken for the body itself.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.response
 */
export function readHttpAnswer(payload: string, format: PayloadFormat): HttpAnswer | undefined {
  const value = parseJson(payload);
  if (value === undefined) return undefined;
  if (format === '2.0' && !(isObject(value) && 'statusCode' in value)) {
    const body = typeof value === 'string' ? value : payload;
    return { status: 200, headers: [['content-type', 'application/json']], body };
  }
  const parsed = v.safeParse(Answer, value);
  if (!parsed.success) return undefined;
  const { statusCode: status, body, isBase64Encoded } = parsed.output;
  const headers = headersOf(parsed.output, format);
  if (!headers.every(isHeader)) return undefined;
  const typed = headers.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    status,
    headers: typed ? headers : [['content-type', 'text/plain;charset=UTF-8'], ...headers],
    body: isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

function headersOf({ headers, multiValueHeaders, cookies }: Answer, format: PayloadFormat): readonly Pair[] {
  const several = Object.entries((format === '1.0' && multiValueHeaders) || {});
  const named = new Set(several.map(([name]) => name.toLowerCase()));
  const one = Object.entries(headers ?? {}).filter(([name]) => !named.has(name.toLowerCase()));
  const all: readonly Pair[] = [
    ...one,
    ...several.flatMap(([name, values]) => values.map((value): Pair => [name, value])),
    ...((format === '2.0' && cookies) || []).map((cookie): Pair => ['set-cookie', cookie]),
  ];
  return all.filter(([name]) => !DROPPED.has(name.toLowerCase()));
}
