import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { start } from '../support/clock.ts';
import { acme, alice } from '../support/world.ts';
import { presented, rows, startRealtime, type RealtimeWorld } from './world.ts';

let world: RealtimeWorld;
beforeEach(async () => {
  world = await startRealtime();
});
afterEach(() => world.stop());

const iso = (time: number): string => new Date(time).toISOString();

/** What was sent, if one message was and nothing else happened. */
function told(): unknown {
  const [call = '', ...others] = world.gateway.calls;
  expect(others).toEqual([]);
  return JSON.parse(call.replace('POST connection=1 ', ''));
}

describe('a connection that stands is told', () => {
  test('its role and scopes as they are now, when it keeps the right to connect', async () => {
    const { message } = await world.open(presented.session);
    await world.put({ ...rows.membership(alice), role: 'member' });
    await message();
    expect(told()).toMatchObject({
      role: 'member',
      scopes: 'records:read records:write actions:invoke extensions:use realtime:connect',
    });
  });

  test('the end it was opened with, when its session was prolonged', async () => {
    const { context, message } = await world.open(presented.session);
    await world.put({ ...rows.session, expiresAt: iso(start + 7 * 24 * 3600_000) });
    await message();
    expect(told()).toEqual(context);
  });

  test('an earlier end, when its key was given one', async () => {
    const { message } = await world.open(presented.apiKey);
    await world.put({ ...rows.apiKey, expiresAt: iso(start + 60_000) });
    await message();
    expect(told()).toMatchObject({ expiresAt: Math.floor((start + 60_000) / 1000) });
  });

  test('no scope its token did not carry, when its extension was granted more', async () => {
    const { context, message } = await world.open(presented.extensionToken);
    await world.put({ ...rows.installation, scopes: [...rows.installation.scopes, 'records:write'] });
    await message();
    expect(told()).toEqual(context);
  });

  test('nothing of another organization that took the id of its own as a slug', async () => {
    const { message } = await world.open(presented.session);
    await world.remove(rows.membership(alice));
    await world.put(
      { pk: `organization.slug#${acme.id}`, sk: '#', refPk: 'organization#OrgThief', refSk: '#' },
      { pk: 'organization#OrgThief', sk: '#', id: 'OrgThief', slug: acme.id },
      { ...rows.membership(alice), sk: 'OrgThief', organizationId: 'OrgThief', role: 'owner' },
    );
    await message();
    expect(world.gateway.calls).toEqual(['DELETE connection=1']);
  });
});
