import { createSecretKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import { createVerifier } from 'fast-jwt';
import { exportJWK, jwtVerify, SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { claimsOf } from '../world/credentials.ts';
import type { Person } from '../world/person.ts';
import { environment, extensionId } from '../world/place.ts';
import type { Verify } from './blueprint.ts';

const issuer = new URL(environment.BETTER_AUTH_URL).origin;
const audience = extensionId;

/** A library with the token it verifies: `aws-jwt-verify` takes public keys alone. */
export interface Verifier {
  readonly name: string;
  readonly token: string;
  readonly verify: Verify;
}

/**
 * What a handler is usually written with, each as its documentation says and in its fastest form: key objects
 * rather than texts, `CryptoKey` for jose. All check signature, algorithm, issuer, audience and expiry, and
 * none looks up whether a membership, an installation or the token itself still stands.
 */
export async function verifiers(secret: string, token: string, person: Person): Promise<readonly Verifier[]> {
  const key = createSecretKey(secret, 'utf8');
  const bytes = Buffer.from(secret);
  const fast = { key: bytes, algorithms: ['HS256' as const], allowedIss: issuer, allowedAud: audience };
  const withoutCache = createVerifier({ ...fast, cache: false });
  const withCache = createVerifier({ ...fast, cache: true });
  const rsa = await rsaToken(person);
  const aws = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json` });
  aws.cacheJwks(rsa.jwks);
  const cryptoKey = await webcrypto.subtle.importKey('raw', bytes, hmacSha256, false, ['verify']);
  return [
    {
      name: 'jsonwebtoken',
      token,
      verify: (presented) => jsonwebtoken.verify(presented, key, { algorithms: ['HS256'], issuer, audience }),
    },
    { name: 'fast-jwt, cache off', token, verify: (presented) => withoutCache(presented) },
    { name: 'fast-jwt, cache on', token, verify: (presented) => withCache(presented) },
    {
      name: 'jose',
      token,
      verify: async (presented) =>
        (await jwtVerify(presented, cryptoKey, { algorithms: ['HS256'], issuer, audience })).payload,
    },
    { name: 'aws-jwt-verify (RS256)', token: rsa.token, verify: (presented) => aws.verifySync(presented) },
  ];
}

const hmacSha256 = { name: 'HMAC', hash: 'SHA-256' };

/** The same claims under a public key. */
async function rsaToken(person: Person) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256', use: 'sig', kty: 'RSA' };
  const token = await new SignJWT(claimsOf(person, 'bench'))
    .setProtectedHeader({ alg: 'RS256', kid: 'bench' })
    .sign(privateKey);
  return { token, jwks: { keys: [jwk] } };
}
