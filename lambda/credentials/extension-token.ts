import { createHash } from 'node:crypto';
import { after, type Awaitable } from '../core/awaitable.ts';
import type { Authenticate, Authenticated, Refusable, Standing } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import type { Lease } from '../core/lease.ts';
import { isCarriedOver, verificationKeys, type KeyRing, type RingKey } from '../secrets/key-ring.ts';
import type { SecretSource } from '../secrets/secret-source.ts';
import type { Facts } from '../store/facts.ts';
import type { InstallationRow } from '../store/rows.ts';
import { isHmac } from './hmac.ts';
import { decomposeJws, type UnverifiedJws } from './compact-jws.ts';
import {
  isAhead,
  isExpired,
  readClaims,
  readLegacyClaims,
  type ExtensionClaims,
} from './extension-claims.ts';

export interface ExtensionTokenRules {
  /** `iss`: the origin of BETTER_AUTH_URL. */
  readonly issuer: string;
  /** Accept tokens from before keys had names, under a key that was a plain string. */
  readonly acceptLegacy: boolean;
}

/** A short-lived JWT of an extension. Everything but membership and installation is checked without a read. */
export function authenticateExtensionToken(
  facts: Facts,
  secret: SecretSource,
  rules: ExtensionTokenRules,
): Authenticate<'extension_token'> {
  return ({ token }, now, until) =>
    after<Refusable<VerifiedToken>, Refusable<Authenticated>>(
      verify(token, secret, rules, now),
      (verified) => {
        if ('effect' in verified) return verified;
        const { claims, key } = verified;
        if (isAhead(claims, now)) return deny('claims_invalid');
        if (isExpired(claims, now)) return deny('credential_expired');
        return authenticated(facts, claims, token, key, until);
      },
    );
}

/** What a token says under its signature. */
interface VerifiedToken {
  readonly claims: ExtensionClaims;
  readonly key: RingKey;
}

function verify(
  token: string,
  secret: SecretSource,
  rules: ExtensionTokenRules,
  now: number,
): Awaitable<Refusable<VerifiedToken>> {
  const unverified = decomposeJws(token, rules.acceptLegacy);
  if (!unverified) return deny('credential_malformed');
  return after<RingKey | undefined, Refusable<VerifiedToken>>(signerOf(unverified, secret, now), (key) => {
    if (!key) return deny('signature_invalid');
    // Only from here on is the payload what the issuer wrote.
    const { kid, payload } = unverified;
    const claims = kid === undefined ? readLegacyClaims(payload) : readClaims(payload, rules.issuer);
    return claims ? { claims, key } : deny('claims_invalid');
  });
}

/** The key of the ring that signed the token, if one did. */
function signerOf(
  { kid, signed, signature }: UnverifiedJws,
  secret: SecretSource,
  now: number,
): Awaitable<RingKey | undefined> {
  const signerAmong = (keys: readonly RingKey[]) =>
    keys.find((key) => isHmac(key, signed, signature, 'base64url'));
  return after(secret.current() ?? secret.ring(), (ring): Awaitable<RingKey | undefined> => {
    const keys = candidates(ring, kid, now);
    if (keys.length > 0 || kid === undefined) return signerAmong(keys);
    // A key published since the last look. `kid` is hostile: asking again is limited by the source.
    return secret.refreshed().then((fresh) => signerAmong(candidates(fresh, kid, now)));
  });
}

function candidates(ring: KeyRing, kid: string | undefined, now: number): readonly RingKey[] {
  const keys = verificationKeys(ring, now);
  return kid === undefined ? keys.filter(isCarriedOver) : keys.filter((key) => key.kid === kid);
}

function authenticated(
  facts: Facts,
  claims: ExtensionClaims,
  token: string,
  { kid }: RingKey,
  until: Lease,
): Authenticated {
  const { userId, organizationId, extensionId, scopes, iat, exp } = claims;
  return {
    principal: {
      owner: { kind: 'user', id: userId },
      credentialKind: 'extension_token',
      credentialId: claims.jti ?? nameOf(token),
      scopes,
      expiresAt: exp,
      issuedAt: iat,
      signedWith: [kid],
      organizationId,
      extensionId,
    },
    standing: after<InstallationRow | undefined, Refusable<Standing>>(
      facts.installation(organizationId, extensionId, until),
      (installation) =>
        installation?.enabled ? { grant: installation.scopes } : deny('installation_inactive'),
    ),
  };
}

/** A token without `jti` is named by a digest: the decision line may carry its name, never the token. */
const nameOf = (token: string): string =>
  `legacy-${createHash('sha256').update(token).digest('base64url').slice(0, 22)}`;
