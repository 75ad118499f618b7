import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import { longestLifetime } from '../credentials/extension-claims.ts';
import type { Answer, HttpHandler } from '../http/answer.ts';
import { endpoint, type Call, type EndpointSettings } from '../http/endpoint.ts';
import { parseBody } from '../http/json-body.ts';
import { forbidden, scopesOf } from '../http/recheck.ts';
import { refuse, type Refusal } from '../http/refusal.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Signing } from '../secrets/signer.ts';
import type { IdentityTable } from '../store/identity-table.ts';
import { installationKey } from '../store/keys.ts';
import { readInstallation } from '../store/rows.ts';
import { grantable } from './grantable.ts';
import { scopes } from './installation.ts';
import type { CountMint } from './mint-limit.ts';
import { mint } from './mint.ts';

export interface IssuerSettings extends EndpointSettings {
  readonly table: Pick<IdentityTable, 'get'>;
  /** With the ring of extension tokens. */
  readonly sign: () => Promise<Signing>;
  readonly countMint: CountMint;
  /** `iss`: the origin of BETTER_AUTH_URL. */
  readonly issuer: string;
  readonly clock: Clock;
}

/** Lifetimes of a token, in seconds. */
const lifetime = { shortest: 30, longest: longestLifetime, default: 300 } as const;
const lifetimeMessage = `ttlSeconds must be a whole number from ${lifetime.shortest} to ${lifetime.longest}.`;

/** Members it does not know are refused: a misspelt `scopes` would mean all of them. */
const body = v.strictObject(
  {
    scopes: v.optional(v.pipe(scopes, v.nonEmpty('scopes must not be empty; without it, all are given.'))),
    ttlSeconds: v.optional(
      v.pipe(
        v.number(lifetimeMessage),
        v.integer(lifetimeMessage),
        v.minValue(lifetime.shortest, lifetimeMessage),
        v.maxValue(lifetime.longest, lifetimeMessage),
      ),
      lifetime.default,
    ),
  },
  'The body must be a JSON object with scopes and ttlSeconds, both optional, or empty.',
);

const tooMany = refuse('rate_limited', 'At most 60 tokens a minute are minted for one user and extension.');

/** Bytes the value of an `Authorization` header may have (`lambda/surfaces/headers.ts`). */
const headerLimit = 4096;

/** POST /v1/extensions/{extensionId}/token: a short-lived token with which an extension acts for the caller. */
export const tokenIssuerEndpoint = (settings: IssuerSettings): HttpHandler =>
  endpoint('tokenIssuer', (call) => issue(settings, call), settings);

async function issue(
  { table, sign, countMint, issuer, clock }: IssuerSettings,
  { context, request, parameter }: Call,
): Promise<Answer | Refusal> {
  const { organizationId, userId } = context;
  if (userId === undefined) throw new Fault('event', 'The context of a session names no user');
  const asked = parseBody(body, request.body, {});
  if ('error' in asked) return asked;

  const extensionId = parameter('extensionId');
  const now = clock();
  const [item, { key }] = await Promise.all([
    // Not from a cache: an installation that was just disabled gets no further token.
    table.get(installationKey(organizationId, extensionId)),
    sign(),
  ]);
  const installation = item && readInstallation(item);
  if (!installation?.enabled) return forbidden('installation_inactive');
  const granted = grantable(installation.scopes, scopesOf(context), asked.value.scopes);
  if ('error' in granted) return granted;

  // Last of all, so that only tokens count: a page that asks for too much does not shut itself out.
  const retryAfter = await countMint(userId, extensionId, now);
  if (retryAfter !== undefined) return { ...tooMany, retryAfter };

  const { token, expiresAt } = await mint(
    { userId, organizationId, extensionId, scopes: granted.scopes },
    key,
    { issuer, lifetime: asked.value.ttlSeconds, now },
  );
  if (`Bearer ${token}`.length > headerLimit) {
    return refuse('invalid_request', 'A token with so many scopes would be too long to send: ask for fewer.');
  }
  return { status: 201, body: { token, expiresAt, scopes: granted.scopes } };
}
