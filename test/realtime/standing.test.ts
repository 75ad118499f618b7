import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { start } from '../support/clock.ts';
import { acme, alice, bob } from '../support/world.ts';
import { presented, rows, startRealtime, type Kind, type RealtimeWorld } from './world.ts';

let world: RealtimeWorld;
beforeEach(async () => {
  world = await startRealtime();
});
afterEach(() => world.stop());

const bound = 15_000;
const iso = (time: number): string => new Date(time).toISOString();
const closed = ['DELETE connection=1'];

type Change = (of: RealtimeWorld) => Promise<void>;
const remove =
  (item: Parameters<RealtimeWorld['remove']>[0]): Change =>
  (of) =>
    of.remove(item);
const change =
  (item: object, given: object): Change =>
  (of) =>
    of.put({ ...item, ...given });

const pointerOf = (model: string, { id }: Readonly<Record<string, unknown>>) => ({
  pk: `${model}.id#${String(id)}`,
  sk: '#',
});

const ends: readonly (readonly [what: string, kind: Kind, reason: string, change: Change])[] = [
  ['a session was deleted', 'session', 'credential_unknown', remove(rows.session)],
  ['its pointer was', 'session', 'credential_unknown', remove(pointerOf('session', rows.session))],
  ['a session expired', 'session', 'credential_expired', change(rows.session, { expiresAt: iso(start) })],
  ['a session is another one now', 'session', 'credential_unknown', change(rows.session, { id: 'other' })],
  [
    'a session is of another user now',
    'session',
    'credential_unknown',
    change(rows.session, { userId: bob }),
  ],
  ['a key was deleted', 'apiKey', 'credential_unknown', remove(rows.apiKey)],
  ['a key was disabled', 'apiKey', 'credential_disabled', change(rows.apiKey, { enabled: false })],
  ['a key expired', 'apiKey', 'credential_expired', change(rows.apiKey, { expiresAt: iso(start) })],
  [
    'a key is another user’s now',
    'apiKey',
    'credential_unknown',
    change(rows.apiKey, { referenceId: alice }),
  ],
  [
    'a key may no longer connect',
    'apiKey',
    'scope_insufficient',
    change(rows.apiKey, { permissions: '{"records":["read"]}' }),
  ],
  [
    'a user’s key became an organization’s',
    'apiKey',
    'credential_unknown',
    change(rows.apiKey, { configId: 'organization', referenceId: bob }),
  ],
  [
    'an organization’s key was deleted',
    'organizationKey',
    'credential_unknown',
    remove(rows.organizationKey),
  ],
  [
    'an organization’s key is another one’s now',
    'organizationKey',
    'credential_unknown',
    change(rows.organizationKey, { referenceId: 'OrgOther' }),
  ],
  [
    'an organization’s key became that of a user who is called like it',
    'organizationKey',
    'credential_unknown',
    change(rows.organizationKey, { configId: 'default' }),
  ],
  ['the organization was deleted', 'organizationKey', 'organization_missing', remove(rows.organization)],
  ['an extension was removed', 'extensionToken', 'installation_inactive', remove(rows.installation)],
  [
    'an extension was disabled',
    'extensionToken',
    'installation_inactive',
    change(rows.installation, { enabled: false }),
  ],
  [
    'an extension was granted less',
    'extensionToken',
    'scope_insufficient',
    change(rows.installation, { scopes: ['records:read'] }),
  ],
  ['a user left (session)', 'session', 'organization_forbidden', remove(rows.membership(alice))],
  ['a user left (key)', 'apiKey', 'organization_forbidden', remove(rows.membership(bob))],
  ['a user left (token)', 'extensionToken', 'organization_forbidden', remove(rows.membership(alice))],
  [
    'a role was lowered (session)',
    'session',
    'scope_insufficient',
    change(rows.membership(alice), { role: 'auditor' }),
  ],
  [
    'a role was lowered (key)',
    'apiKey',
    'scope_insufficient',
    change(rows.membership(bob), { role: 'auditor' }),
  ],
  [
    'a role was lowered (token)',
    'extensionToken',
    'scope_insufficient',
    change(rows.membership(alice), { role: 'auditor' }),
  ],
];

describe('a connection is closed, and sent nothing, when', () => {
  test.each(ends)('%s (%s)', async (_, kind, reason, happens) => {
    const { context, message } = await world.open(presented[kind]);
    await message();
    world.gateway.calls.length = 0;
    await happens(world);
    world.clock.advance(bound);
    expect(await message()).toEqual({ statusCode: 200 });
    expect(world.gateway.calls).toEqual(closed);
    expect(world.lines).toEqual([
      {
        event: 'connection_closed',
        requestId: 'MESSAGE-1',
        reason,
        credentialKind: context['credentialKind'],
        credentialId: context['credentialId'],
        organizationId: acme.id,
      },
    ]);
  });

  test('within the bound it may still be used: 15 seconds, and not one longer', async () => {
    const { message } = await world.open(presented.session);
    await message();
    await world.remove(rows.session);
    world.clock.advance(bound - 1);
    await message();
    world.clock.advance(1);
    await message();
    expect(world.gateway.calls.map((call) => call.split(' ')[0])).toEqual(['POST', 'POST', 'DELETE']);
  });

  test('its credential expires, to the second, though the row says it was prolonged', async () => {
    const { context } = await world.open(presented.session);
    await world.put({ ...rows.session, expiresAt: iso(start + 7 * 24 * 3600_000) });
    const moment = Number(context['expiresAt']) * 1000;
    expect(moment).toBeLessThan(start + 25 * 3600_000);
    const event = (connectedAt: number) =>
      world.handle({
        requestContext: {
          eventType: 'MESSAGE',
          connectionId: 'connection=1',
          connectedAt,
          authorizer: context,
        },
      });
    world.clock.advance(moment - 1 - start);
    await event(world.clock());
    world.clock.advance(1);
    await event(world.clock());
    expect(world.gateway.calls.map((call) => call.split(' ')[0])).toEqual(['POST', 'DELETE']);
  });

  test('a token expires, without the allowance for clocks that differ', async () => {
    const { message } = await world.open(presented.extensionToken);
    world.clock.advance(290_000 - 250);
    await message();
    expect(world.gateway.calls).toEqual(closed);
  });

  test('it is two hours old', async () => {
    const { message } = await world.open(presented.apiKey);
    world.clock.advance(2 * 3600_000);
    await message();
    world.clock.advance(1);
    await message();
    expect(world.gateway.calls.map((call) => call.split(' ')[0])).toEqual(['POST', 'DELETE']);
    expect(world.lines).toEqual([expect.objectContaining({ reason: 'connection_too_old' })]);
  });

  test('no authorizer let it in', async () => {
    await world.unauthorized().message();
    expect(world.gateway.calls).toEqual(closed);
    expect(world.lines).toEqual([expect.objectContaining({ reason: 'context_missing' })]);
    expect(world.front.operations).toEqual([]);
  });
});
