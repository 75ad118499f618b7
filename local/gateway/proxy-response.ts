import * as v from 'valibot';
import { parseJson } from '../json.ts';
import type { HttpAnswer } from './gateway-response.ts';
import { isHeader } from './header-syntax.ts';

const scalar = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));
const ProxyAnswer = v.object({
  statusCode: v.pipe(
    v.union([v.number(), v.string()]),
    v.transform(Number),
    v.integer(),
    v.minValue(100),
    v.maxValue(599),
  ),
  headers: v.nullish(v.record(v.string(), scalar), {}),
  multiValueHeaders: v.nullish(v.record(v.string(), v.array(scalar)), {}),
  body: v.nullish(v.string(), ''),
  isBase64Encoded: v.nullish(v.boolean(), false),
});

/** Headers of an integration that a REST API does not pass on under their own name. */
const REMAPPED = new Set([
  'connection',
  'content-length',
  'date',
  'server',
  'te',
  'trailer',
  'upgrade',
  'www-authenticate',
]);
const DROPPED = new Set(['transfer-encoding']);
/**
 * What a Lambda proxy integration answered, as HTTP; undefined when it is malformed (API Gateway: 502).
 *
 * @param binary whether the client's Accept header asks for one of the API's binary media types
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
 */
export function readProxyAnswer(payload: string, binary: boolean): HttpAnswer | undefined {
  const parsed = v.safeParse(ProxyAnswer, parseJson(payload));
  if (!parsed.success) return undefined;
  const { statusCode, body, isBase64Encoded } = parsed.output;
  const multiple = Object.entries(parsed.output.multiValueHeaders ?? {});
  const named = new Set(multiple.map(([name]) => name.toLowerCase()));
  // A header in both maps has the values of the second only.
  const single = Object.entries(parsed.output.headers ?? {}).filter(
    ([name]) => !named.has(name.toLowerCase()),
  );
  const headers = [
    ...single,
    ...multiple.flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
  ].filter(([name]) => !DROPPED.has(name.toLowerCase()));
  if (!headers.every(isHeader)) return undefined;
  const typed = headers.some(([name]) => name.toLowerCase() === 'content-type');
  return {
    status: statusCode,
    headers: [
      ...(typed ? [] : ([['Content-Type', 'application/json']] as const)),
      ...headers.map(([name, value]): [string, string] => [remapped(name), value]),
    ],
    body: isBase64Encoded && binary ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

const remapped = (name: string): string =>
  REMAPPED.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name;
