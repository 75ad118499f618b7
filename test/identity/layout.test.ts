import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unkept } from '../../lambda/core/lease.ts';
import { facts, type Facts } from '../../lambda/store/facts.ts';
import { digest, membershipsByAge } from '../../lambda/store/keys.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { signUp, testIdentity, textOf, type Browser, type TestIdentity } from '../support/identity.ts';

/**
 * The authorizer reads by the keys of `lambda/store/keys.ts`, Better Auth writes by `identityLayout`. They are
 * written down twice, since neither may import the other; here what one writes is read by the other.
 */
let engine: TestEngine;
let identity: TestIdentity;
let known: Facts;
let browse: Browser;
let token = '';
beforeAll(async () => {
  engine = await startTestEngine();
  identity = await testIdentity(engine);
  known = facts(identity.table, 0, Date.now);
  browse = identity.browser();
  token = textOf(await signUp(browse, 'somebody@example.com'), 'token');
});
afterAll(() => engine.stop());

const me = async () => (await known.session(token, unkept))?.userId ?? '';
const create = async (slug: string): Promise<string> =>
  textOf(await browse('/organization/create', { name: slug, slug }), 'id');

describe('what Better Auth writes, the authorizer finds by primary key:', () => {
  test('a session, by the digest of its token', async () => {
    expect(await known.session(token, unkept)).toMatchObject({ token });
  });

  test('an API key, by its hash, with everything a decision needs', async () => {
    const created = await browse('/api-key/create', { name: 'mine', expiresIn: 2 * 24 * 3600 });
    expect(await known.apiKey(digest(textOf(created, 'key')), unkept)).toMatchObject({
      id: textOf(created, 'id'),
      configId: 'default',
      referenceId: await me(),
      enabled: true,
      permissions: null,
      expiresAt: Date.parse(textOf(created, 'expiresAt')),
    });
  });

  test('a membership, by user and organization, with the organization', async () => {
    const id = await create('acme-corp');
    expect(await known.membership(await me(), id, unkept)).toEqual({
      organization: { id, slug: 'acme-corp' },
      role: 'owner',
    });
  });

  test('where a key will act when it is asked for no organization, from the moment it is made', async () => {
    const made = await browse('/api-key/create', { name: 'another' });
    const first = await known.firstMembership(await me(), unkept, undefined, {});
    expect(await known.apiKey(digest(textOf(made, 'key')), unkept)).toMatchObject({
      likelyOrganizationId: first?.organization.id,
      likelyMark: first?.mark,
    });
    const listed = await browse('/api-key/list');
    for (const body of [made.body, listed.body]) expect(JSON.stringify(body)).not.toContain('likely');
  });

  test('an organization by its slug, its new one after it was renamed, and never by the old', async () => {
    const id = await create('before');
    await browse('/organization/update', { organizationId: id, data: { slug: 'after' } });
    expect(await known.membershipIn(await me(), 'after', unkept)).toMatchObject({ organization: { id } });
    expect(await known.membershipIn(await me(), 'before', unkept)).toBeUndefined();
  });

  test('that the first organization is no longer known to be the first, from when another is joined', async () => {
    const userId = await me();
    const likely = async () => {
      const first = await known.firstMembership(userId, unkept, undefined, {});
      return { organizationId: first?.organization.id, mark: first?.mark };
    };
    const before = await likely();
    expect(before.mark).toMatch(/ [1-9]/);
    await create('joined-later');
    expect(await likely()).toEqual({ ...before, mark: expect.not.stringContaining(String(before.mark)) });
  });

  test('the first organization of a user, and the next one when that is deleted', async () => {
    const other = identity.browser();
    const otherToken = textOf(await signUp(other, 'other@example.com'), 'token');
    const userId = (await known.session(otherToken, unkept))?.userId ?? '';
    const first = textOf(await other('/organization/create', { name: 'first', slug: 'first' }), 'id');
    await other('/organization/create', { name: 'second', slug: 'second' });
    const byAge = async () =>
      (await identity.table.query(membershipsByAge(userId))).map(({ refSk }) => refSk?.S);
    expect(await byAge()).toEqual([first, expect.any(String)]);
    expect(await known.firstMembership(userId, unkept)).toMatchObject({ organization: { slug: 'first' } });
    await other('/organization/delete', { organizationId: first });
    expect(await byAge()).toHaveLength(1);
    expect(await known.firstMembership(userId, unkept)).toMatchObject({ organization: { slug: 'second' } });
  });

  test('nothing more of a session after sign-out, nor of a key after its deletion', async () => {
    const created = await browse('/api-key/create', { name: 'short-lived' });
    await browse('/api-key/delete', { keyId: textOf(created, 'id') });
    expect(await known.apiKey(digest(textOf(created, 'key')), unkept)).toBeUndefined();
    await browse('/sign-out', {});
    expect(await known.session(token, unkept)).toBeUndefined();
  });
});
