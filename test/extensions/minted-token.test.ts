import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { generateKey } from '../../lambda/secrets/key-ring.ts';
import {
  extensionId,
  granted,
  issuer,
  minted,
  ring,
  signing,
  start,
  startIssuer,
  waiting,
  withInstallation,
  type Minted,
  type TestIssuer,
} from '../support/issuer.ts';

let by: TestIssuer;
let acme: AuthContext;

beforeAll(async () => {
  by = await startIssuer();
});
afterAll(() => by.engine.stop());
beforeEach(async () => {
  acme = await withInstallation(by);
});

const mintedFor = (body?: unknown, context = acme): Promise<Minted> => minted(by, { body, context });

describe('a minted token', () => {
  test('authenticates as the user, in the organization, for the extension', async () => {
    const { token, expiresAt, scopes } = await mintedFor();
    const authenticated = await by.verify(token);
    expect(authenticated).toMatchObject({
      principal: {
        owner: { kind: 'user', id: 'user-1' },
        credentialKind: 'extension_token',
        organizationId: acme.organizationId,
        extensionId,
        scopes: granted,
        expiresAt,
      },
    });
    expect(scopes).toEqual(granted);
    expect('standing' in authenticated && (await authenticated.standing)).toEqual({ grant: granted });
  });

  test('has exactly the header and the claims of the contract', async () => {
    const { token } = await mintedFor({ ttlSeconds: 60 });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'ext+jwt', kid: signing.kid });
    expect(decodeJwt(token)).toEqual({
      iss: issuer,
      aud: extensionId,
      extension_id: extensionId,
      sub: 'user-1',
      userId: 'user-1',
      orgId: acme.organizationId,
      scopes: granted,
      iat: start / 1000,
      exp: start / 1000 + 60,
      jti: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
    });
  });

  test('lives 300 s unless asked otherwise, 30 s at least and 3,600 s at most', async () => {
    expect((await mintedFor()).expiresAt).toBe(start / 1000 + 300);
    expect((await mintedFor('')).expiresAt).toBe(start / 1000 + 300);
    expect((await mintedFor({ ttlSeconds: 30 })).expiresAt).toBe(start / 1000 + 30);
    const longest = await mintedFor({ ttlSeconds: 3600 });
    expect(longest.expiresAt).toBe(start / 1000 + 3600);
    expect(await by.verify(longest.token)).toHaveProperty('principal');
  });

  test('has a name no other has', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => mintedFor()));
    expect(new Set(tokens.map(({ token }) => decodeJwt(token).jti)).size).toBe(20);
  });

  test('is worth nothing to another issuer or under another ring', async () => {
    const { token } = await mintedFor();
    expect(await by.verify(token, ring, 'https://other.example.com')).toMatchObject({
      reason: 'claims_invalid',
    });
    const other = { keys: [{ ...generateKey(signing.signFrom), kid: signing.kid }] };
    expect(await by.verify(token, other)).toMatchObject({ reason: 'signature_invalid' });
  });

  test('is signed by the newest key whose time has come', async () => {
    const later = await minted(by, { context: acme, now: waiting.signFrom * 1000 });
    expect(decodeProtectedHeader(later.token).kid).toBe(waiting.kid);
  });

  test('leaves no trace of itself in the log', async () => {
    await mintedFor();
    expect(by.lines).toEqual([]);
  });
});
