import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { denialClass } from '../../lambda/core/denial.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { Unauthorized } from '../../lambda/surfaces/surface.ts';
import { scenarios, type Scenario } from '../scenarios.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { requestId, restEvent } from '../support/event.ts';
import { isAllowed } from '../support/iam.ts';
import { api } from '../support/request.ts';

let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.lines.length = 0;
});

const decisions = () => world.lines.filter(({ event }) => event === 'decision');

describe.each(Object.entries(scenarios))('REST, %s:', (_, rows) => {
  test.each(rows.map((row): [string, Scenario] => [row.name, row]))(
    '%s',
    async (_name, { sent, expected }) => {
      const answer = world.serve(rest)(restEvent(sent));
      if ('allow' in expected) {
        const { principalId, policyDocument, context } = await answer;
        expect(context).toMatchObject(expected.allow);
        expect(principalId).toBe(
          'userId' in context ? `user:${context['userId']}` : `organization:${context['organizationId']}`,
        );
        expect(isAllowed(policyDocument, `${api}/${sent.method}${sent.path}`)).toBe(true);
        expect(
          Object.values(context).every((value) => ['string', 'number', 'boolean'].includes(typeof value)),
        ).toBe(true);
      } else if (denialClass(expected.deny) === 'unauthenticated') {
        await expect(answer).rejects.toThrow(new Unauthorized());
      } else {
        const { policyDocument, context } = await answer;
        expect(context).toMatchObject({ reason: expected.deny });
        expect(isAllowed(policyDocument, `${api}/${sent.method}${sent.path}`)).toBe(false);
      }
      expect(decisions()).toMatchObject([
        {
          requestId,
          surface: 'rest',
          ...('allow' in expected ? { effect: 'allow' } : { effect: 'deny', reason: expected.deny }),
        },
      ]);
    },
  );
});

test('an organization key has no user and no role in its context', async () => {
  const [row] =
    scenarios['API key']?.filter(({ name }) => name.startsWith("an organization's key has no user")) ?? [];
  const { context } = await world.serve(rest)(restEvent(row?.sent ?? { method: '', path: '' }));
  expect(Object.keys(context).sort()).toEqual([
    'credentialId',
    'credentialKind',
    'organizationId',
    'organizationSlug',
    'scopes',
  ]);
});
