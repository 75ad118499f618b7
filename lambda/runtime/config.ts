import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import { origin, trustedOrigin } from './origins.ts';

const seconds = (fallback: number) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,7}$/, 'must be a whole number of seconds'),
      v.transform(Number),
      v.minValue(0),
    ),
    String(fallback),
  );

const text = v.pipe(v.string(), v.nonEmpty('must not be empty'));
const webUrl = v.pipe(
  v.string(),
  v.check((value) => origin(value) !== undefined, 'must be an http(s) URL'),
);
/** Declared but empty, as in a template for the dev stage, is absent: the ARN beside it counts. */
const plainSecret = v.pipe(
  v.string(),
  v.check((value) => value === '' || value.length >= 32, 'must have at least 32 characters'),
  v.transform((value) => (value === '' ? undefined : value)),
);

const secretKinds = ['extension-token', 'better-auth'] as const;
export type SecretKind = (typeof secretKinds)[number];

/** Every variable of the environment this project reads, and what it must be. */
const environment = v.object({
  // An absent one is given to the list as well, so that it is told what it must be.
  STAGE: v.pipe(
    v.optional(v.string(), ''),
    v.picklist(['dev', 'staging', 'production'], 'must be dev, staging or production'),
  ),
  BETTER_AUTH_URL: v.optional(webUrl),
  TRUSTED_ORIGINS: v.pipe(
    v.optional(v.string(), ''),
    v.transform((list) =>
      list
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean),
    ),
    v.array(
      v.pipe(
        v.string(),
        v.check(
          (value) => trustedOrigin(value) !== undefined,
          'must be comma-separated origins such as https://app.example.com or https://*.example.com',
        ),
        v.transform((value) => trustedOrigin(value) ?? ''),
      ),
    ),
  ),
  COOKIE_DOMAIN: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\.?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain name such as .example.com'),
    ),
  ),
  EXTENSION_TOKEN_LEGACY: v.optional(v.picklist(['accept', ''], 'must be "accept" or absent'), ''),
  AUTH_TABLE_NAME: v.optional(text),
  RECORDS_TABLE_NAME: v.optional(text),
  EXTENSION_TOKEN_SECRET_ARN: v.optional(text),
  BETTER_AUTH_SECRET_ARN: v.optional(text),
  EXTENSION_TOKEN_SECRET: v.optional(plainSecret),
  BETTER_AUTH_SECRET: v.optional(plainSecret),
  WEBSOCKET_MANAGEMENT_URL: v.optional(webUrl),
  ROTATION_SECRET_KIND: v.optional(v.picklist(secretKinds, `must be ${secretKinds.join(' or ')}`)),
  FACTS_TTL_SECONDS: seconds(15),
  REVOCATION_TTL_SECONDS: seconds(5),
  KEY_RING_TTL_SECONDS: seconds(300),
  KEY_RING_STALE_SECONDS: seconds(3600),
  KEY_RING_PUBLISH_SECONDS: seconds(4200),
});

/** Upper bounds of what a change may take to be seen; looser ones are for development only. */
const published = [
  ['FACTS_TTL_SECONDS', 15],
  ['REVOCATION_TTL_SECONDS', 5],
  ['KEY_RING_TTL_SECONDS', 300],
  ['KEY_RING_STALE_SECONDS', 3600],
] as const;

/** Where a secret comes from: Secrets Manager, or (development only) the environment itself. */
export type SecretLocation = { readonly arn: string } | { readonly plain: string };

export interface Config {
  readonly stage: 'dev' | 'staging' | 'production';
  /** As given: where Better Auth is reached. */
  readonly betterAuthUrl: string;
  /** Its origin: `iss` of extension tokens, and always trusted. */
  readonly issuer: string;
  /** https: only `__Secure-` cookies are read and set. */
  readonly secureCookies: boolean;
  readonly trustedOrigins: readonly string[];
  readonly cookieDomain?: string;
  readonly legacyExtensionTokens: boolean;
  readonly authTable: string;
  readonly recordsTable: string;
  readonly extensionTokenSecret: SecretLocation;
  readonly betterAuthSecret: SecretLocation;
  /** Where messages to the connections of the WebSocket API are sent: `https://…/<stage>`. */
  readonly websocketManagementUrl: string;
  /** The secret that a rotation function rotates. */
  readonly rotationSecretKind: SecretKind;
  /** All in seconds. */
  readonly ttl: {
    readonly facts: number;
    readonly revocation: number;
    readonly keyRing: number;
    readonly keyRingStale: number;
    readonly keyRingPublish: number;
  };
}

/**
 * The only place that reads the environment, but for the SDK's own variables (`sdkEnvironment`). Values a function does
 * not use may be absent; using one that is absent is a fault that names the variable.
 *
 * @param env @default the environment of this process
 * @throws {Fault} `configuration`, naming the variable and what it must be
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = v.safeParse(environment, env);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw misconfigured(String(issue.path?.[0]?.key), issue.message);
  }
  const values = parsed.output;
  refuseLooseBounds(values);
  const need = <Name extends keyof typeof values>(name: Name): NonNullable<(typeof values)[Name]> => {
    const value = values[name];
    if (value === undefined) throw misconfigured(name, 'must be set');
    return value;
  };
  return {
    stage: values.STAGE,
    get betterAuthUrl() {
      return need('BETTER_AUTH_URL');
    },
    get issuer() {
      return origin(need('BETTER_AUTH_URL')) ?? '';
    },
    get secureCookies() {
      return isHttps(need('BETTER_AUTH_URL'));
    },
    get trustedOrigins() {
      return [origin(need('BETTER_AUTH_URL')) ?? '', ...values.TRUSTED_ORIGINS];
    },
    ...(values.COOKIE_DOMAIN ? { cookieDomain: values.COOKIE_DOMAIN } : {}),
    legacyExtensionTokens: values.EXTENSION_TOKEN_LEGACY === 'accept',
    get authTable() {
      return need('AUTH_TABLE_NAME');
    },
    get recordsTable() {
      return need('RECORDS_TABLE_NAME');
    },
    get extensionTokenSecret() {
      return location(values.EXTENSION_TOKEN_SECRET, () => need('EXTENSION_TOKEN_SECRET_ARN'));
    },
    get betterAuthSecret() {
      return location(values.BETTER_AUTH_SECRET, () => need('BETTER_AUTH_SECRET_ARN'));
    },
    get websocketManagementUrl() {
      return need('WEBSOCKET_MANAGEMENT_URL');
    },
    get rotationSecretKind() {
      return need('ROTATION_SECRET_KIND');
    },
    ttl: {
      facts: values.FACTS_TTL_SECONDS,
      revocation: values.REVOCATION_TTL_SECONDS,
      keyRing: values.KEY_RING_TTL_SECONDS,
      keyRingStale: values.KEY_RING_STALE_SECONDS,
      keyRingPublish: values.KEY_RING_PUBLISH_SECONDS,
    },
  };
}

const location = (plain: string | undefined, arn: () => string): SecretLocation =>
  plain === undefined ? { arn: arn() } : { plain };

function refuseLooseBounds(values: v.InferOutput<typeof environment>): void {
  // A key signed with before every reader has seen it would log out whoever it was signed for.
  if (values.KEY_RING_PUBLISH_SECONDS <= values.KEY_RING_TTL_SECONDS + values.KEY_RING_STALE_SECONDS) {
    throw misconfigured(
      'KEY_RING_PUBLISH_SECONDS',
      'must exceed KEY_RING_TTL_SECONDS + KEY_RING_STALE_SECONDS',
    );
  }
  if (values.STAGE === 'dev') return;
  for (const [name, limit] of published) {
    if (values[name] > limit) throw misconfigured(name, `must be at most ${limit} unless STAGE is dev`);
  }
  for (const name of ['EXTENSION_TOKEN_SECRET', 'BETTER_AUTH_SECRET'] as const) {
    if (values[name] !== undefined) throw misconfigured(name, `is for STAGE=dev; set ${name}_ARN instead`);
  }
  // Not WEBSOCKET_MANAGEMENT_URL: like AWS_ENDPOINT_URL_*, it says where AWS is, which is http on this machine.
  if (values.BETTER_AUTH_URL !== undefined && !isHttps(values.BETTER_AUTH_URL)) {
    throw misconfigured('BETTER_AUTH_URL', 'must be https unless STAGE is dev');
  }
}

/** By the parsed URL: `HTTP://` is a spelling of `http://`. */
const isHttps = (url: string): boolean => origin(url)?.startsWith('https:') === true;

const misconfigured = (name: string, must: string): Fault => new Fault('configuration', `${name} ${must}`);
