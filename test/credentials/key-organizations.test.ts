import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { newKey } from '../support/limited-key.ts';
import { decisionOf, patientProcess } from '../support/patient.ts';
import { acme, globex, initech } from '../support/world.ts';

let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());

/** Where a key of Alice's acts, or why it does not: she is in acme, her first, and in globex. */
async function acts(allowedOrganizations: readonly string[] | undefined, tenant?: string): Promise<string> {
  const key = newKey(world);
  await key.store(allowedOrganizations ? { allowedOrganizations } : {});
  const decision = await decisionOf(patientProcess(world), world, {
    headers: { 'x-api-key': key.key, ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }) },
  });
  return decision.effect === 'allow' ? decision.organization.slug : decision.reason;
}

const forbidden = 'organization_forbidden';

describe('a key that is limited to', () => {
  test.each<[string, readonly string[] | undefined, Readonly<Record<string, string>>]>([
    [
      'nothing acts in all of its owner’s',
      undefined,
      { '': acme.slug, acme: acme.slug, globex: globex.slug },
    ],
    ['several acts in these', [globex.id, acme.id], { '': acme.slug, acme: acme.slug, globex: globex.slug }],
    [
      'one acts there, and there without being asked',
      [globex.id],
      { '': globex.slug, acme: forbidden, globex: globex.slug },
    ],
    ['none acts nowhere', [], { '': forbidden, acme: forbidden, globex: forbidden }],
    ['one of others acts nowhere', [initech.id], { '': forbidden, acme: forbidden, globex: forbidden }],
    [
      'one and one of others acts in the one',
      [initech.id, globex.id],
      { '': globex.slug, acme: forbidden, globex: globex.slug },
    ],
    [
      'a slug acts nowhere: a slug can be taken by another',
      [acme.slug],
      { '': forbidden, acme: forbidden, globex: forbidden },
    ],
  ])('%s', async (_, allowed, expected) => {
    expect(await acts(allowed)).toBe(expected['']);
    for (const [name, organization] of [
      ['acme', acme],
      ['globex', globex],
    ] as const) {
      expect([name, await acts(allowed, organization.slug)]).toEqual([name, expected[name]]);
      expect([name, await acts(allowed, organization.id)]).toEqual([name, expected[name]]);
    }
    expect(await acts(allowed, initech.id)).toBe(forbidden);
  });
});
