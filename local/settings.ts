import * as v from 'valibot';
import { StackError } from './stack-error.ts';

/** What `npm start` was told by its environment. */
export interface Settings {
  /** First of six consecutive ports. */
  readonly port: number;
  /** Most processes of one function. */
  readonly concurrency: number;
  readonly region: string;
  /** An engine somebody else runs; absent: our own. */
  readonly dynamodb?: string;
  readonly reset: boolean;
  readonly demo: boolean;
  /** Configuration of the functions that was given here: it reaches every function and outranks the template. */
  readonly functions: Readonly<Record<string, string>>;
}

/** The configuration of the functions (contract §7) that a developer may set from outside. */
const FUNCTION_VARIABLES = [
  'AUTH_TABLE_NAME',
  'RECORDS_TABLE_NAME',
  'EXTENSION_TOKEN_SECRET_ARN',
  'BETTER_AUTH_SECRET_ARN',
  'EXTENSION_TOKEN_SECRET',
  'BETTER_AUTH_SECRET',
  'BETTER_AUTH_URL',
  'TRUSTED_ORIGINS',
  'STAGE',
  'COOKIE_DOMAIN',
  'EXTENSION_TOKEN_LEGACY',
  'FACTS_TTL_SECONDS',
  'REVOCATION_TTL_SECONDS',
  'KEY_RING_TTL_SECONDS',
  'KEY_RING_STALE_SECONDS',
  'KEY_RING_PUBLISH_SECONDS',
  'AWS_ENDPOINT_URL_DYNAMODB',
  'AWS_ENDPOINT_URL_SECRETS_MANAGER',
] as const;

const wholeNumber = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, message),
    v.transform(Number),
    v.minValue(least, message),
    v.maxValue(most, message),
  );
};
const flag = v.pipe(
  v.picklist(['0', '1', ''], 'must be 1 or 0'),
  v.transform((text) => text),
);
const url = v.pipe(
  v.string(),
  v.check((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be an http or https URL'),
);

const Environment = v.object({
  // Six in a row must fit below 65536.
  LOCAL_PORT: v.optional(wholeNumber(1, 65_530), '3000'),
  LOCAL_CONCURRENCY: v.optional(wholeNumber(1, 64), '2'),
  LOCAL_RESET: v.optional(flag, '0'),
  LOCAL_DEMO: v.optional(flag, '1'),
  AWS_REGION: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'must be a region such as us-east-1')),
    'us-east-1',
  ),
  AWS_ENDPOINT_URL_DYNAMODB: v.optional(url),
  AWS_ENDPOINT_URL_SECRETS_MANAGER: v.optional(url),
});

/**
 * The only place of the local stack that reads its environment. An empty variable counts as absent.
 *
 * @throws {StackError} naming the variable and what it must be
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = v.safeParse(Environment, present);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new StackError(`${v.getDotPath(issue) ?? 'environment'} ${issue.message}`);
  }
  const values = parsed.output;
  return {
    port: values.LOCAL_PORT,
    concurrency: values.LOCAL_CONCURRENCY,
    region: values.AWS_REGION,
    ...(values.AWS_ENDPOINT_URL_DYNAMODB !== undefined && { dynamodb: values.AWS_ENDPOINT_URL_DYNAMODB }),
    reset: values.LOCAL_RESET === '1',
    demo: values.LOCAL_DEMO !== '0',
    functions: Object.fromEntries(
      FUNCTION_VARIABLES.flatMap((name) => {
        const value = present[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

export const usage = `Runs the whole system on this machine, from the synthesized CloudFormation template.

  npm start

Environment:
  LOCAL_PORT           first of six consecutive ports: REST API, HTTP API, WebSocket API, Lambda Invoke API,
                       console, example extension (default 3000)
  LOCAL_CONCURRENCY    most processes of one function at a time (default 2)
  LOCAL_RESET=1        start from empty data; otherwise it is kept under .local/
  LOCAL_DEMO=0         no demo data and no sample requests
  AWS_REGION           region the stack pretends to be in (default us-east-1)
  AWS_ENDPOINT_URL_DYNAMODB
                       a DynamoDB-compatible engine to use instead of the embedded one
  ${FUNCTION_VARIABLES.filter((name) => !name.startsWith('AWS_')).join(', ')}
                       reach every function as they are (docs/local-stack.md)
`;
