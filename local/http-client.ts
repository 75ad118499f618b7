import { isObject, parseJson } from './json.ts';
import { StackError } from './stack-error.ts';

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, and called JSON. */
  readonly text?: string;
}

export interface Answer {
  readonly status: number;
  /** API Gateway's id of the request. */
  readonly requestId: string;
  readonly text: string;
  /** The text as JSON; undefined when it is none. */
  readonly body: unknown;
  readonly setCookies: readonly string[];
}

/** Sends one request and reads the whole answer. Any status is an answer. */
export async function call(
  url: string,
  method: string,
  { headers, json, text: raw }: CallOptions = {},
): Promise<Answer> {
  const sent = json === undefined ? raw : JSON.stringify(json);
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(sent !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(sent !== undefined && { body: sent }),
  });
  const text = await response.text();
  return {
    status: response.status,
    requestId: response.headers.get('x-amzn-requestid') ?? response.headers.get('apigw-requestid') ?? '',
    text,
    body: parseJson(text),
    setCookies: response.headers.getSetCookie(),
  };
}

/** A member of an answer's body that must be text. @throws {StackError} saying what was answered instead */
export function textIn(answer: Answer, name: string, what: string): string {
  const value = isObject(answer.body) ? answer.body[name] : undefined;
  if (typeof value === 'string') return value;
  throw unexpected(answer, what);
}

export const unexpected = ({ status, body }: Answer, what: string): StackError =>
  new StackError(
    `${what} was answered ${status} ${JSON.stringify(body) ?? ''}: .local/functions.log may say why`,
  );

/** A browser's memory of cookies, for one host. */
export interface CookieJar {
  keep(setCookies: readonly string[]): void;
  /** `name=value; name=value`, as a Cookie header. */
  header(): string;
}

export function createCookieJar(): CookieJar {
  const cookies = new Map<string, string>();
  return {
    keep: (setCookies) => {
      for (const cookie of setCookies) {
        const [pair = '', ...attributes] = cookie.split(';');
        const equals = pair.indexOf('=');
        const name = pair.slice(0, equals).trim();
        const gone = attributes.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute));
        if (gone) cookies.delete(name);
        else cookies.set(name, pair.slice(equals + 1));
      }
    },
    header: () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
  };
}
