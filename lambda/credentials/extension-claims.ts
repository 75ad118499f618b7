import * as v from 'valibot';
import type { Scope } from '../core/model.ts';
import { isScope } from '../core/scopes.ts';

/** Longest time an extension token may be valid, seconds. */
export const longestLifetime = 3600;

/** Seconds that two clocks may differ. */
export const clockSkew = 30;

/** Who and what an extension token speaks for. Verified, except that time has to be checked. */
export interface ExtensionClaims {
  readonly userId: string;
  readonly organizationId: string;
  readonly extensionId: string;
  /** Absent in tokens of before. */
  readonly jti?: string;
  readonly scopes: readonly Scope[];
  /** Epoch seconds. */
  readonly iat: number;
  readonly exp: number;
  readonly nbf?: number;
}

const second = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(256));

const common = {
  aud: id,
  extension_id: id,
  userId: id,
  orgId: id,
  scopes: v.array(
    v.pipe(
      v.string(),
      v.check((scope) => isScope(scope)),
    ),
  ),
  iat: second,
  exp: second,
  nbf: v.optional(second),
};

const current = v.object({
  ...common,
  iss: v.string(),
  sub: id,
  // 128 random bits in base64url are 22 characters: fewer could repeat, and a revocation name two tokens.
  jti: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22,128}$/)),
});

const legacy = v.object({
  ...common,
  iss: v.optional(v.never()),
  sub: v.optional(v.never()),
  jti: v.optional(v.never()),
});

/**
 * The claims of a token, or `undefined` when one is missing, of another type, or contradicts another: the
 * audience is the extension and the subject the user, named twice because callers read either.
 */
export function readClaims(payload: unknown, issuer: string): ExtensionClaims | undefined {
  const parsed = v.safeParse(current, payload);
  if (!parsed.success || parsed.output.iss !== issuer || parsed.output.sub !== parsed.output.userId)
    return undefined;
  return claims(parsed.output, parsed.output.jti);
}

/** The claims of a token from before keys had names: no issuer, no `jti`. */
export function readLegacyClaims(payload: unknown): ExtensionClaims | undefined {
  const parsed = v.safeParse(legacy, payload);
  return parsed.success ? claims(parsed.output) : undefined;
}

type Common = v.InferOutput<v.ObjectSchema<typeof common, undefined>>;

function claims(
  { aud, extension_id, userId, orgId, scopes, iat, exp, nbf }: Common,
  jti?: string,
): ExtensionClaims | undefined {
  if (aud !== extension_id || exp <= iat || exp - iat > longestLifetime) return undefined;
  return {
    userId,
    organizationId: orgId,
    extensionId: aud,
    scopes,
    iat,
    exp,
    ...(nbf === undefined ? {} : { nbf }),
    ...(jti === undefined ? {} : { jti }),
  };
}

/** @param now epoch milliseconds */
export const isExpired = ({ exp }: ExtensionClaims, now: number): boolean => now >= (exp + clockSkew) * 1000;

/** Issued, or valid from, further ahead than clocks differ. @param now epoch milliseconds */
export const isAhead = ({ iat, nbf }: ExtensionClaims, now: number): boolean =>
  Math.max(iat, nbf ?? 0) * 1000 > now + clockSkew * 1000;
