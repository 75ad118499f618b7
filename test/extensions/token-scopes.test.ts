import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { isScope } from '../../lambda/core/scopes.ts';
import { grantable } from '../../lambda/extensions/grantable.ts';
import { installationKey } from '../../lambda/store/keys.ts';
import type { Reply } from '../support/endpoint-call.ts';
import {
  extensionId,
  install,
  minted,
  startIssuer,
  withInstallation,
  type Minted,
  type TestIssuer,
} from '../support/issuer.ts';
import { runs } from '../support/runs.ts';

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
const ask = (body?: unknown, context = acme): Promise<Reply> => by.ask({ body, context });
const reinstall = (changes: Parameters<typeof install>[2]) => install(by.installations, acme, changes);

describe('the scopes of a token', () => {
  test('are those asked for, when all of them are granted', async () => {
    const asked = ['records:read:deal', 'actions:invoke'];
    expect((await mintedFor({ scopes: asked })).scopes).toEqual(asked);
  });

  test('are never more than the role gives, whatever the installation was granted', async () => {
    await reinstall({ scopes: ['extensions:manage', 'records:read'] });
    expect((await mintedFor()).scopes).toEqual(['records:read']);
    expect((await mintedFor({}, { ...acme, role: 'owner', scopes: '*' })).scopes).toEqual([
      'extensions:manage',
      'records:read',
    ]);
  });

  test('never contain *, not even for an owner whose installation came to hold it', async () => {
    const item = {
      ...installationKey(acme.organizationId, extensionId),
      organizationId: acme.organizationId,
    };
    await by.engine.client.send(
      new PutItemCommand({
        TableName: by.tableName,
        Item: marshall({ ...item, extensionId, enabled: true, scopes: ['*', 'records:read'] }),
      }),
    );
    const owner = { ...acme, role: 'owner', scopes: '*' };
    expect((await ask({ scopes: ['*'] }, owner)).status).toBe(400);
    const { body } = await ask({}, owner);
    expect(JSON.stringify(body)).not.toContain('"*"');
  });

  test.each([
    ['not granted', ['records:read', 'extensions:use'], 'extensions:use'],
    ['wider than granted', ['records:write'], 'records:write'],
    ['granted for another entity', ['records:write:deal'], 'records:write:deal'],
  ])('that are %s are refused with 403, and the missing one is named', async (_, scopes, scope) => {
    const { status, body } = await ask({ scopes });
    expect([status, body]).toEqual([
      403,
      {
        error: 'forbidden',
        reason: 'scope_insufficient',
        message: expect.any(String),
        scope,
        requestId: 'request-1',
      },
    ]);
  });

  test('cannot be none: with nothing in common there is no token', async () => {
    await reinstall({ scopes: ['extensions:manage'] });
    expect((await ask()).body).toMatchObject({ error: 'forbidden', reason: 'scope_insufficient' });
  });

  test('too many to send in one header are refused with 400, not minted in vain', async () => {
    const long = Array.from({ length: 40 }, (_, n) => `records:read:${'e'.repeat(60)}${n}`);
    await reinstall({ scopes: long });
    expect((await ask()).status).toBe(400);
    expect((await mintedFor({ scopes: long.slice(0, 3) })).scopes).toHaveLength(3);
  });

  const scope = fc
    .tuple(
      fc.constantFrom('records', 'actions', 'extensions'),
      fc.constantFrom('read', 'write', 'manage'),
      fc.option(fc.constantFrom('contact', 'deal')),
    )
    .map(([resource, action, entity]) => [resource, action, ...(entity ? [entity] : [])].join(':'));
  const scopeList = fc.array(scope, { maxLength: 5 });
  /** Said apart from the code under test: does a list cover a scope? */
  const covered = (list: readonly string[], wanted: string): boolean =>
    list.some((each) => each === '*' || wanted === each || wanted.startsWith(`${each}:`));

  test('are covered by grant, role and request, for any three of them', () => {
    fc.assert(
      fc.property(
        scopeList,
        fc.oneof(scopeList, fc.constant(['*'])),
        fc.option(
          scopeList.filter((list) => list.length > 0),
          { nil: undefined },
        ),
        (grant, own, asked) => {
          const given = grantable([...grant, '*'], own, asked);
          if ('error' in given) return;
          expect(given.scopes.length).toBeGreaterThan(0);
          for (const each of given.scopes) {
            expect(isScope(each)).toBe(true);
            expect(covered(own, each)).toBe(true);
            if (asked) expect(covered(asked, each)).toBe(true);
          }
        },
      ),
      runs(500),
    );
    fc.assert(
      fc.property(scopeList, scopeList, (grant, own) => {
        const given = grantable(grant, own, undefined);
        const scopes = 'error' in given ? [] : given.scopes;
        // Exactly the intersection: each scope of either side that both cover is covered by the token.
        for (const each of [...grant, ...own]) {
          expect(covered(scopes, each)).toBe(covered(grant, each) && covered(own, each));
        }
      }),
      runs(500),
    );
  });
});
