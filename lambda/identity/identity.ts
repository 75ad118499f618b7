import { Fault } from '../core/fault.ts';
import type { Clock } from '../runtime/clock.ts';
import { signingKey } from '../secrets/key-ring.ts';
import type { SecretSource } from '../secrets/secret-source.ts';
import { createAuth, type Auth, type IdentityParts } from './auth.ts';

/**
 * Better Auth under the key that signs now. It is built once per key: Better Auth takes one secret at
 * construction, and a ring moves on.
 *
 * @throws {Fault} `secret` when there is no ring, or no key in it may sign
 */
export function identity(
  parts: Omit<IdentityParts, 'secret'>,
  secret: SecretSource,
  clock: Clock,
): () => Promise<Auth> {
  let built: { readonly kid: string; readonly auth: Auth } | undefined;
  return async () => {
    const key = signingKey(await secret.ring(), clock());
    if (!key) throw new Fault('secret', 'No key of the Better Auth ring may sign now');
    if (built?.kid !== key.kid) built = { kid: key.kid, auth: createAuth({ ...parts, secret: key.k }) };
    return built.auth;
  };
}
