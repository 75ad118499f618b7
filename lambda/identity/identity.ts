import type { Signing } from '../secrets/signer.ts';
import { createAuth, type Auth, type IdentityParts } from './auth.ts';

/** Better Auth as it signs now, and the keys under which older cookies still verify. */
export interface Identity extends Signing {
  readonly auth: Auth;
}

/**
 * Better Auth under the key that signs now. It is built once per key: Better Auth takes one secret at
 * construction, and a ring moves on.
 */
export function identity(
  parts: Omit<IdentityParts, 'secret'>,
  sign: () => Promise<Signing>,
): () => Promise<Identity> {
  let built: { readonly kid: string; readonly auth: Auth } | undefined;
  return async () => {
    const signing = await sign();
    const { kid, k } = signing.key;
    if (built?.kid !== kid) built = { kid, auth: createAuth({ ...parts, secret: k }) };
    return { ...signing, auth: built.auth };
  };
}
