import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newPerson, type Person } from '../support/authctl.ts';
import { bearer, startSecretOperations, type SecretOperations } from '../support/authctl-secrets.ts';
import { cookieHeader, signedToken } from '../support/cookie.ts';
import { identitySecret } from '../support/identity.ts';

let operations: SecretOperations;
let alice: Person;
beforeEach(async () => {
  operations = await startSecretOperations();
  alice = await newPerson(operations, 'alice');
});
afterEach(() => operations.stop());

async function cookieOf(person: Person): Promise<Readonly<Record<string, string>>> {
  const { adapter } = await operations.identity.auth.$context;
  const where = [{ field: 'userId', value: person.userId }];
  const row = await adapter.findOne<{ token: string }>({ model: 'session', where });
  return {
    cookie: cookieHeader({ 'better-auth-session': signedToken(row?.token ?? '', identitySecret) }),
    origin: 'http://127.0.0.1:3000',
  };
}

const kidOf = (kind: 'extension-token' | 'better-auth'): string => operations.ring(kind)[0]?.kid ?? '';

/** The published bound on revocations. */
const bound = 5000;

describe('secrets revoke of the key that signs', () => {
  test.each([
    ['extension-token', 'token'],
    ['better-auth', 'cookie'],
  ] as const)(
    '%s: what it signed ends on a warm process and after a cold start, nothing else does, and no rotation brings it back',
    async (kind, ends) => {
      const token = bearer(await operations.mint(alice));
      const cookie = await cookieOf(alice);
      const warm = operations.process();
      expect([await operations.says(warm, token), await operations.says(warm, cookie)]).toEqual([
        'allow',
        'allow',
      ]);
      const kid = kidOf(kind);
      const waiting = operations.ring(kind)[1]?.kid;
      const ran = await operations.authctl('secrets', 'revoke', kid);
      expect(ran).toMatchObject({
        exit: 0,
        json: { kid, revoked: true, secrets: [{ secret: kind, signed: true, signer: waiting }] },
      });
      operations.clock.advance(bound);
      const said = ['token', 'cookie'].map((each) => (each === ends ? 'credential_revoked' : 'allow'));
      expect([await operations.says(warm, token), await operations.says(warm, cookie)]).toEqual(said);
      const cold = operations.process();
      const refused = ['token', 'cookie'].map((each) => (each === ends ? 'signature_invalid' : 'allow'));
      expect([await operations.says(cold, token), await operations.says(cold, cookie)]).toEqual(refused);

      expect((await operations.authctl('secrets', 'rotate', kind)).exit).toBe(0);
      expect(operations.ring(kind).map((key) => key.kid)).toEqual([waiting, expect.any(String)]);
      expect(operations.ring(kind).some((key) => key.kid === kid)).toBe(false);
    },
  );

  test('is safe to repeat, and to do after a rotation: no stray AWSPENDING, and the next rotation goes through', async () => {
    const kid = kidOf('extension-token');
    await operations.authctl('secrets', 'rotate', 'extension-token');
    for (const _ of [1, 2]) expect((await operations.authctl('secrets', 'revoke', kid)).exit).toBe(0);
    expect(operations.labels('extension-token').toSorted()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
    expect((await operations.authctl('secrets', 'rotate', 'extension-token')).err).not.toContain(
      'not finished',
    );
  });

  test('while Secrets Manager is down it revokes all the same, says what is missing, and is completed later', async () => {
    const token = bearer(await operations.mint(alice));
    const warm = operations.process();
    expect(await operations.says(warm, token)).toBe('allow');
    const kid = kidOf('extension-token');
    await operations.reach(false);
    expect(await operations.authctl('secrets', 'revoke', kid)).toMatchObject({
      exit: 1,
      json: { error: 'unavailable' },
    });
    operations.clock.advance(bound);
    expect(await operations.says(warm, token)).toBe('credential_revoked');
    await operations.reach(true);
    expect((await operations.authctl('secrets', 'status')).exit).toBe(1);
    expect((await operations.authctl('secrets', 'revoke', kid)).exit).toBe(0);
    expect((await operations.authctl('secrets', 'status')).exit).toBe(0);
  });

  test('of no key exits with 1 and writes nothing', async () => {
    const before = await operations.items();
    expect(await operations.authctl('secrets', 'revoke', 'nobody')).toMatchObject({
      exit: 1,
      json: { error: 'not_found' },
    });
    expect(await operations.items()).toEqual(before);
  });
});

describe('secrets status', () => {
  test('tells names, times and labels, and never a key', async () => {
    const { exit, out, json } = await operations.authctl('secrets', 'status');
    expect([exit, json['warnings']]).toEqual([0, []]);
    expect(json['secrets']).toMatchObject([
      { secret: 'extension-token', keys: [{ state: 'signs', age: 10 }, { state: 'waits' }] },
      { secret: 'better-auth', keys: [{ kid: 'session-key', state: 'signs' }, { state: 'waits' }] },
    ]);
    const plain = (await operations.plain('', 'secrets', 'status')).out;
    for (const { k } of [...operations.ring('extension-token'), ...operations.ring('better-auth')])
      expect(out + plain).not.toContain(k);
  });

  test('of a value that is no ring warns, and names the versions to go back to', async () => {
    operations.publish('extension-token', []);
    const { exit, json } = await operations.authctl('secrets', 'status');
    expect([exit, json['warnings']]).toEqual([1, [expect.stringContaining('holds no key ring')]]);
    expect(json['secrets']).toMatchObject([{ keys: [], versions: [{ stages: ['AWSCURRENT'] }] }, {}]);
  });

  test('warns of a key that is in both rings, under whatever name', async () => {
    const [key] = operations.ring('better-auth');
    const [own] = operations.ring('extension-token');
    if (!key || !own) throw new Error('no ring');
    operations.publish('extension-token', [{ ...own, k: key.k }]);
    const { exit, json, err, out } = await operations.authctl('secrets', 'status');
    expect([exit, json['warnings']]).toEqual([1, [expect.stringContaining('is in both secrets')]]);
    expect(out + err).not.toContain(key.k);
  });
});

test.each([
  ['secrets', 'rotate', 'everything'],
  ['secrets', 'rotate'],
  ['secrets', 'revoke'],
])('wrong usage exits with 2: %s %s', async (...args) => {
  expect((await operations.authctl(...args)).exit).toBe(2);
});
