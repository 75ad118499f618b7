import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installationKey } from '../../lambda/store/keys.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { signUp, testIdentity, textOf, type Browser, type TestIdentity } from '../support/identity.ts';

let engine: TestEngine;
let identity: TestIdentity;
let browse: Browser;
let people = 0;
beforeAll(async () => {
  engine = await startTestEngine();
  identity = await testIdentity(engine);
});
afterAll(() => engine.stop());

async function newcomer(): Promise<string> {
  people += 1;
  browse = identity.browser();
  const email = `somebody-${people}@example.com`;
  await signUp(browse, email);
  return email;
}

const session = async (): Promise<unknown> => (await browse('/get-session?disableCookieCache=true')).body;
const create = (slug: string) => browse('/organization/create', { name: slug, slug });
const inOrganization = (slug: string | null) => ({ session: { activeOrganizationSlug: slug } });

describe('the organization a session is in', () => {
  test('is none before there is one, and the one that was just created', async () => {
    await newcomer();
    expect(await session()).toMatchObject(inOrganization(null));
    await create('first-one');
    expect(await session()).toMatchObject(inOrganization('first-one'));
  });

  test("is its user's first, when the session is new", async () => {
    const email = await newcomer();
    await create('earliest');
    await create('latest');
    expect(await session()).toMatchObject(inOrganization('latest'));
    await browse('/sign-out', {});
    await browse('/sign-in/email', { email, password: 'correct horse battery' });
    expect(await session()).toMatchObject(inOrganization('earliest'));
  });

  test('changes with its slug when another is set active', async () => {
    await newcomer();
    await create('one-of-two');
    await create('two-of-two');
    await browse('/organization/set-active', { organizationSlug: 'one-of-two' });
    expect(await session()).toMatchObject(inOrganization('one-of-two'));
  });

  test('cannot be written by the client', async () => {
    await newcomer();
    await create('mine');
    await browse('/update-session', { activeOrganizationSlug: 'somebody-elses' });
    expect(await session()).toMatchObject(inOrganization('mine'));
  });
});

describe('a slug', () => {
  test.each([
    ['upper case', 'Acme'],
    ['a space', 'ac me'],
    ['a leading hyphen', '-acme'],
    ['more than 63 characters', 'a'.repeat(64)],
    ["the form of Better Auth's ids", 'a'.repeat(32)],
    ['the form of a UUID', '0b5c9a52-6a0e-4f4b-9d53-1c8f0b1e2d3c'],
  ])('with %s is refused, on creation and on renaming', async (_, slug) => {
    await newcomer();
    expect((await create(slug)).status).toBe(400);
    const organizationId = textOf(await create(`fine-${people}`), 'id');
    expect((await browse('/organization/update', { organizationId, data: { slug } })).status).toBe(400);
  });
});

test("a deleted organization's installations are gone with it", async () => {
  await newcomer();
  const organizationId = textOf(await create('short-lived'), 'id');
  const key = installationKey(organizationId, 'an-extension');
  await engine.client.send(
    new PutItemCommand({ TableName: identity.tableName, Item: marshall({ ...key, enabled: true }) }),
  );
  expect((await browse('/organization/delete', { organizationId })).status).toBe(200);
  expect(await identity.table.query(key.pk)).toEqual([]);
});
