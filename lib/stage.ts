import type { Node } from 'constructs';

export const stageNames = ['dev', 'staging', 'production'] as const;
export type StageName = (typeof stageNames)[number];

/** What differs from one deployment to another. */
export interface StageConfig {
  readonly name: StageName;
  /** Public URL of this API, as Better Auth knows it. No trailing slash. */
  readonly betterAuthUrl: string;
  /** Origins besides that of `betterAuthUrl` that may act with a session: `https://app.example.com`, `https://*.example.com`. */
  readonly trustedOrigins: readonly string[];
  /** Custom domain of the REST API. @default the execute-api host only */
  readonly domainName?: string;
  /** Address that alarms are mailed to. @default alarms have no subscriber */
  readonly alarmEmail?: string;
  /** Data, secrets and logs outlive the stack, and the tables refuse deletion. */
  readonly keepsData: boolean;
}

/** Where `npm start` serves the REST API: a template for the dev stage needs no other address to be synthesized. */
const localUrl = 'http://127.0.0.1:3000';

/**
 * Reads and checks the CDK context: `stage`, `betterAuthUrl`, `trustedOrigins`, `domainName`, `alarmEmail`.
 *
 * @throws {Error} says which key is wrong, what was got, what is allowed and what to do
 */
export function stageFromContext(node: Node): StageConfig {
  const name = stageName(text(node, 'stage') ?? 'dev');
  const domainName = text(node, 'domainName');
  const alarmEmail = text(node, 'alarmEmail');
  if (domainName !== undefined) checkDomainName(domainName);
  if (alarmEmail !== undefined && !/^[^\s@,]+@[^\s@,]+$/.test(alarmEmail)) {
    refuse('alarmEmail', alarmEmail, 'one e-mail address', '-c alarmEmail=oncall@example.com');
  }
  return {
    name,
    betterAuthUrl: betterAuthUrl(text(node, 'betterAuthUrl'), name),
    trustedOrigins: list(node, 'trustedOrigins').map((origin) => trustedOrigin(origin, name)),
    ...(domainName === undefined ? {} : { domainName }),
    ...(alarmEmail === undefined ? {} : { alarmEmail }),
    keepsData: name !== 'dev',
  };
}

function stageName(value: string): StageName {
  const known = stageNames.find((name) => name === value);
  return known ?? refuse('stage', value, `one of ${stageNames.join(', ')}`, '-c stage=dev');
}

function betterAuthUrl(value: string | undefined, stage: StageName): string {
  const example = '-c betterAuthUrl=https://api.crm.example.com';
  if (value === undefined) {
    return stage === 'dev'
      ? localUrl
      : refuse('betterAuthUrl', value, `an https URL in stage ${stage}`, example);
  }
  const url = URL.parse(value);
  if (!url || !isWeb(url, stage) || url.search || url.hash || url.username || url.password) {
    const allowed = `${stage === 'dev' ? 'an http or https' : 'an https'} URL without user, query and fragment`;
    return refuse('betterAuthUrl', value, allowed, example);
  }
  return url.href.replace(/\/+$/, '');
}

/** An origin as browsers send it, or one with `*.` for its first labels. */
function trustedOrigin(value: string, stage: StageName): string {
  const base = value.replace('://*.', '://');
  const url = URL.parse(base);
  // `https://*` or `https://*.com` would trust every page there is, and each could act with a user's session.
  const tooWide = base.includes('*') || (base !== value && !url?.hostname.includes('.'));
  if (url && !tooWide && isWeb(url, stage) && url.origin === base) return value;
  const scheme = stage === 'dev' ? 'http or https' : 'https';
  const allowed = `${scheme} origins without path, or with "*." before a domain of two labels or more`;
  return refuse(
    'trustedOrigins',
    value,
    allowed,
    '-c trustedOrigins=https://app.example.com,https://*.example.org',
  );
}

const isWeb = (url: URL, stage: StageName): boolean =>
  url.protocol === 'https:' || (stage === 'dev' && url.protocol === 'http:');

function checkDomainName(value: string): void {
  if (/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/.test(value)) return;
  refuse('domainName', value, 'a lower-case host name', '-c domainName=api.crm.example.com');
}

function text(node: Node, key: string): string | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined || value === '') return undefined;
  return typeof value === 'string' ? value : refuse(key, value, 'a text', `-c ${key}=…`);
}

/** `-c` gives comma-separated text; `cdk.json` and CDK_CONTEXT_JSON may give an array. */
function list(node: Node, key: string): readonly string[] {
  const value: unknown = node.tryGetContext(key);
  if (!Array.isArray(value)) return (text(node, key) ?? '').split(',').map(trim).filter(Boolean);
  const entries: readonly unknown[] = value;
  return entries.map((entry) =>
    typeof entry === 'string' ? entry : refuse(key, entry, 'texts', `-c ${key}=…,…`),
  );
}

const trim = (value: string): string => value.trim();

function refuse(key: string, got: unknown, allowed: string, example: string): never {
  const found = got === undefined ? 'nothing' : JSON.stringify(got);
  throw new Error(
    `CDK context "${key}": got ${found}, allowed is ${allowed}. Set it, for example: ${example}`,
  );
}
