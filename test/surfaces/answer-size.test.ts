import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../lambda/core/fault.ts';
import type { Allow } from '../../lambda/core/model.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { routeTable } from '../../lambda/core/route-table.ts';
import type { Route } from '../../lambda/core/routes.ts';
import { iamAnswer } from '../../lambda/surfaces/iam-answer.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { restEvent } from '../support/event.ts';

const route = (index: number): Route => ({
  method: 'GET',
  path: `/v1/a-resource-with-a-name-of-some-length-${index}`,
  accepts: ['api_key'],
  endpoint: 'whoami',
});
const table = routeTable(Array.from({ length: 300 }, (_, index) => route(index)));
const request = rest.read(restEvent({ method: 'GET', path: route(7).path, headers: {} }));
const rendering = { request, table, trusted: compileOrigins([]) };

const allow = (scopes: readonly string[]): Allow => ({
  effect: 'allow',
  principal: {
    owner: { kind: 'user', id: 'u1' },
    credentialKind: 'api_key',
    credentialId: 'k1',
    scopes: null,
  },
  organization: { id: 'o1', slug: 'acme-corp' },
  role: 'owner',
  scopes,
});

describe('an answer of at most 8,192 bytes', () => {
  test('names the requested route alone when 300 routes do not fit', () => {
    const answer = iamAnswer(allow(['*']), rendering);
    expect(answer.policyDocument.Statement).toEqual([
      expect.objectContaining({ Effect: 'Allow', Resource: [`${request.api}/GET${route(7).path}`] }),
    ]);
  });

  test('is a fault, not an answer the gateway fails on, when the scopes alone exceed it', () => {
    const scopes = Array.from({ length: 400 }, (_, index) => `records:read:an-entity-${index}`);
    expect(() => iamAnswer(allow(scopes), rendering)).toThrow(Fault);
  });
});
