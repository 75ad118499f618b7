import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect } from '@jest/globals';
import { textOf } from '../support/identity.ts';
import type { Browser, Reply } from '../support/identity.ts';
import { enter, found, invite, join, listed, password, whoIs } from './acceptance.ts';
import type { Acceptance } from './acceptance.ts';
import { everyItem } from './fixture.ts';

/** Something a person does, that takes Better Auth several requests. */
export interface Flow {
  /** @returns what the attempt needs to know */
  readonly before: (browse: Browser, world: Acceptance) => Promise<string>;
  readonly attempt: (browse: Browser, known: string, world: Acceptance) => Promise<Reply>;
  /** What somebody does who got an error, and what must be so then. */
  readonly again: (browse: Browser, known: string, world: Acceptance) => Promise<void>;
  /** Items of which there may be more than if nobody had been killed. */
  readonly besides?: RegExp;
}

const SESSIONS = /^session/;
/** A letter that was never opened stays good for its hour. */
const SESSIONS_AND_LETTERS = /^(?:session|verification)/;
const done = (reply: Reply, ...already: number[]): void => expect([200, ...already]).toContain(reply.status);
const organizationOf = async (browse: Browser, slug = 'acme'): Promise<string> =>
  textOf(await found(browse, slug), 'id');
const createKey = (browse: Browser): Promise<Reply> => browse('/api-key/create', { name: 'key' });
const anna = 'anna@example.com';

export const flows: Record<string, Flow> = {
  'signing up': {
    before: async () => '',
    attempt: (browse) => join(browse, 'anna'),
    again: async (browse) => {
      done(await join(browse, 'anna'), 422);
      done(await enter(browse, 'anna'));
      expect(await whoIs(browse)).toBe(anna);
    },
    besides: SESSIONS,
  },
  'creating an organization': {
    before: async (browse) => (await join(browse, 'anna'), ''),
    attempt: (browse) => found(browse, 'acme'),
    again: async (browse) => {
      // Taken by nobody else: either it was not made, or it is hers.
      done(await found(browse, 'acme'), 400);
      expect(await listed(browse, '/organization/list')).toMatchObject([{ slug: 'acme' }]);
      const members = await listed(browse, '/organization/list-members?organizationSlug=acme');
      expect(members).toMatchObject([{ role: 'owner' }]);
    },
  },
  'accepting an invitation': {
    before: async (browse, world) => {
      await join(browse, 'anna');
      const owner = world.newBrowser();
      await join(owner, 'owner');
      return invite(owner, await organizationOf(owner), 'anna');
    },
    attempt: (browse, invitationId) => browse('/organization/accept-invitation', { invitationId }),
    again: async (browse, invitationId) => {
      done(await browse('/organization/accept-invitation', { invitationId }), 400);
      const members = await listed(browse, '/organization/list-members?organizationSlug=acme');
      expect(members).toHaveLength(2);
    },
  },
  'renaming an organization': {
    before: async (browse) => {
      await join(browse, 'anna');
      return organizationOf(browse);
    },
    attempt: (browse, organizationId) =>
      browse('/organization/update', { organizationId, data: { slug: 'later' } }),
    again: async (browse, organizationId) => {
      done(await browse('/organization/update', { organizationId, data: { slug: 'later' } }));
      // The old name is free, the new one is not.
      done(await browse('/organization/check-slug', { slug: 'acme' }));
      expect((await browse('/organization/check-slug', { slug: 'later' })).status).toBe(400);
    },
  },
  'creating a key': {
    before: async (browse) => (await join(browse, 'anna'), ''),
    attempt: createKey,
    again: async (browse, _, { store, tableName }) => {
      done(await createKey(browse));
      // One she never saw is one she can see and delete.
      const keys = (await everyItem(store, tableName)).filter(({ pk }) => String(pk).startsWith('apikey#'));
      expect(await listed(browse, '/api-key/list')).toHaveLength(keys.length);
    },
    besides: /^apikey/,
  },
  'deleting a key': {
    before: async (browse) => {
      await join(browse, 'anna');
      return textOf(await createKey(browse), 'id');
    },
    attempt: (browse, keyId) => browse('/api-key/delete', { keyId }),
    again: async (browse, keyId) => {
      done(await browse('/api-key/delete', { keyId }), 404);
      expect(await listed(browse, '/api-key/list')).toEqual([]);
    },
  },
  'signing out': {
    before: async (browse) => (await join(browse, 'anna'), ''),
    attempt: (browse) => browse('/sign-out', {}),
    again: async (browse) => {
      done(await browse('/sign-out', {}));
      expect(await whoIs(browse)).toBeUndefined();
    },
  },
  'resetting a password': {
    before: async (browse, world) => {
      await join(browse, 'anna');
      await browse('/request-password-reset', { email: anna, redirectTo: 'http://127.0.0.1:3000/' });
      return world.resetToken();
    },
    attempt: (browse, token) => browse('/reset-password', { token, newPassword: 'battery staple' }),
    again: async (browse, _, world) => {
      await browse('/request-password-reset', { email: anna, redirectTo: 'http://127.0.0.1:3000/' });
      const token = world.resetToken();
      done(await browse('/reset-password', { token, newPassword: 'battery staple' }));
      // Of the sessions before it none is left, of the letters none works.
      expect(await whoIs(browse)).toBeUndefined();
      expect((await browse('/reset-password', { token, newPassword: 'another one' })).status).toBe(400);
      expect((await enter(world.newBrowser(), 'anna')).status).toBe(401);
      done(await enter(browse, 'anna', 'battery staple'));
    },
    besides: SESSIONS_AND_LETTERS,
  },
  'deleting an organization': {
    before: async (browse, { store, tableName }) => {
      await join(browse, 'anna');
      const id = await organizationOf(browse);
      await invite(browse, id, 'guest');
      const installation = { pk: `installation#${id}`, sk: 'an-extension', enabled: true };
      await store.send(new PutItemCommand({ TableName: tableName, Item: marshall(installation) }));
      return id;
    },
    attempt: (browse, organizationId) => browse('/organization/delete', { organizationId }),
    again: async (browse, organizationId) => {
      done(await browse('/organization/delete', { organizationId }), 400);
      expect(await listed(browse, '/organization/list')).toEqual([]);
    },
  },
  'deleting a user': {
    before: async (browse) => {
      await join(browse, 'anna');
      await createKey(browse);
      return organizationOf(browse);
    },
    attempt: (browse) => browse('/delete-user', { password }),
    again: async (browse, _, world) => {
      const entered = await enter(browse, 'anna');
      if (entered.status === 200) done(await browse('/delete-user', { password }));
      const left = await everyItem(world.store, world.tableName);
      expect(JSON.stringify(left)).not.toContain('anna');
      done(await join(browse, 'anna'));
      done(await browse('/delete-user', { password }));
    },
  },
};
