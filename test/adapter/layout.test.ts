import { describe, expect, test } from '@jest/globals';
import { getAuthTables } from 'better-auth/db';
import { layOut } from '../../lambda/identity/adapter/layout.ts';
import type { Layout } from '../../lambda/identity/adapter/layout.ts';
import { authOptions } from './fixture.ts';

const schema = getAuthTables(authOptions);

describe('a layout', () => {
  const lay = (layout: Layout) => () => layOut(schema, layout);
  test('must name fields that the schema has', () => {
    expect(lay({ user: { row: 'nick' } })).toThrow(
      'the layout of user names "nick", which its schema does not have',
    );
    expect(lay({ user: { expiry: { field: 'nick', hidden: true } } })).toThrow('"nick"');
  });
  test('must list what is owned by its owner, or it could not be found when the owner goes', () => {
    expect(lay({ user: { owns: [{ model: 'session', by: 'userId' }] }, session: {} })).toThrow(
      'user owns session by "userId": make "userId" a list of session',
    );
  });
  test('may keep a list in the order of a date, and of nothing that would not sort as text', () => {
    expect(lay({ session: { ordered: [{ list: 'userId', by: 'createdAt' }] } })).not.toThrow();
    expect(lay({ session: { ordered: [{ list: 'userId', by: 'token' }] } })).toThrow(
      'session cannot be in the order of "token": it is no date',
    );
    expect(lay({ session: { ordered: [{ list: 'nick', by: 'createdAt' }] } })).toThrow('"nick"');
  });
  test('must say that a field which names rows of two models cannot be checked', () => {
    const owns = [{ model: 'apikey', by: 'referenceId' }];
    const apikey = { lists: ['referenceId'] };
    expect(lay({ user: { owns }, organization: { owns }, apikey })).toThrow('set "orphans"');
  });
  test('may not lack anything: a model it does not name is served by what its schema declares', () => {
    const derived = layOut(schema, {});
    const session = derived.get('session');
    expect(session?.unique.map(({ name }) => name)).toEqual(['token']);
    expect(session?.lists.map(({ name }) => name)).toEqual(['userId']);
  });
});
