import { createSecretKey, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Scope } from '../core/model.ts';
import type { RingKey } from '../secrets/key-ring.ts';

/** For whom and what a token speaks. */
export interface Grant {
  readonly userId: string;
  readonly organizationId: string;
  readonly extensionId: string;
  readonly scopes: readonly Scope[];
}

export interface MintOptions {
  /** `iss`: the origin of BETTER_AUTH_URL. */
  readonly issuer: string;
  /** Seconds. */
  readonly lifetime: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface MintedToken {
  readonly token: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** Bytes of randomness in `jti`: a revocation names a token by it, so no two may ever share one. */
const jtiBytes = 16;

/** Mints an extension token as `readClaims` and `decomposeJws` read it: user and extension are named twice. */
export async function mint(grant: Grant, key: RingKey, options: MintOptions): Promise<MintedToken> {
  const { userId, organizationId, extensionId, scopes } = grant;
  const iat = Math.floor(options.now / 1000);
  const exp = iat + options.lifetime;
  const token = await new SignJWT({
    iss: options.issuer,
    aud: extensionId,
    sub: userId,
    iat,
    exp,
    jti: randomBytes(jtiBytes).toString('base64url'),
    userId,
    orgId: organizationId,
    extension_id: extensionId,
    scopes: [...scopes],
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'ext+jwt', kid: key.kid })
    .sign(createSecretKey(key.k, 'utf8'));
  return { token, expiresAt: exp };
}
