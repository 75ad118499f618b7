import { createHash } from 'node:crypto';
import { compactVerify, errors, type CryptoKey } from 'jose';
import type { Authenticate, Authenticated, Refusable, Standing } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import { isCarriedOver, verificationKeys, type KeyRing, type RingKey } from '../secrets/key-ring.ts';
import type { SecretSource } from '../secrets/secret-source.ts';
import type { Facts } from '../store/facts.ts';
import { decomposeJws, type UnverifiedJws } from './compact-jws.ts';
import {
  isAhead,
  isExpired,
  readClaims,
  readLegacyClaims,
  type ExtensionClaims,
} from './extension-claims.ts';
import { remembered } from './remembered.ts';

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
  const known = remembered<VerifiedToken>();
  return async ({ token }, now) => {
    let verified = await known.get(token, secret.ring, now);
    if (!verified) {
      const first = await verify(token, secret, rules, now);
      if ('effect' in first) return first;
      verified = first;
      known.put(token, verified, [verified.key]);
    }
    const { claims, key } = verified;
    if (isAhead(claims, now)) return deny('claims_invalid');
    if (isExpired(claims, now)) return deny('credential_expired');
    return authenticated(facts, claims, token, key);
  };
}

/** What a token says under its signature. Whether its time is now is asked every time. */
interface VerifiedToken {
  readonly claims: ExtensionClaims;
  readonly key: RingKey;
}

async function verify(
  token: string,
  secret: SecretSource,
  rules: ExtensionTokenRules,
  now: number,
): Promise<Refusable<VerifiedToken>> {
  const unverified = decomposeJws(token, rules.acceptLegacy);
  if (!unverified) return deny('credential_malformed');
  const key = await signerOf(token, unverified, secret, now);
  if (!key) return deny('signature_invalid');

  // Only from here on is the payload what the issuer wrote.
  const { kid, payload } = unverified;
  const claims = kid === undefined ? readLegacyClaims(payload) : readClaims(payload, rules.issuer);
  return claims ? { claims, key } : deny('claims_invalid');
}

/** The key of the ring that signed the token, if one did. */
async function signerOf(
  token: string,
  { kid }: UnverifiedJws,
  secret: SecretSource,
  now: number,
): Promise<RingKey | undefined> {
  let keys = candidates(await secret.ring(), kid, now);
  // A key published since the last look. `kid` is hostile: asking again is limited by the source.
  if (keys.length === 0 && kid !== undefined) keys = candidates(await secret.refreshed(), kid, now);
  for (const key of keys) if (await verifies(token, key)) return key;
  return undefined;
}

function candidates(ring: KeyRing, kid: string | undefined, now: number): readonly RingKey[] {
  const keys = verificationKeys(ring, now);
  return kid === undefined ? keys.filter(isCarriedOver) : keys.filter((key) => key.kid === kid);
}

/** Keys as jose takes them fastest; importing one costs as much as a verification. */
const imported = new WeakMap<RingKey, Promise<CryptoKey>>();

function importKey(key: RingKey): Promise<CryptoKey> {
  let importing = imported.get(key);
  if (!importing) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    importing = crypto.subtle.importKey('raw', Buffer.from(key.k, 'utf8'), algorithm, false, ['verify']);
    imported.set(key, importing);
  }
  return importing;
}

async function verifies(token: string, key: RingKey): Promise<boolean> {
  try {
    await compactVerify(token, await importKey(key), { algorithms: ['HS256'] });
    return true;
  } catch (cause) {
    if (cause instanceof errors.JOSEError) return false;
    throw cause;
  }
}

function authenticated(
  facts: Facts,
  claims: ExtensionClaims,
  token: string,
  { kid }: RingKey,
): Authenticated {
  const { userId, organizationId, extensionId, scopes, iat, exp } = claims;
  const standing = async (): Promise<Refusable<Standing>> => {
    const installation = await facts.installation(organizationId, extensionId);
    return installation?.enabled ? { grant: installation.scopes } : deny('installation_inactive');
  };
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
    standing: standing(),
  };
}

/** A token without `jti` is named by a digest: the decision line may carry its name, never the token. */
const nameOf = (token: string): string =>
  `legacy-${createHash('sha256').update(token).digest('base64url').slice(0, 22)}`;
