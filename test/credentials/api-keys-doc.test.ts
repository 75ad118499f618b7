import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { scopeLimits } from '../../bin/authctl/keys/scopes.ts';
import type { Allow } from '../../lambda/core/model.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { routeTable } from '../../lambda/core/route-table.ts';
import { routes } from '../../lambda/core/routes.ts';
import { generateApiKey } from '../../lambda/identity/api-keys.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { apiKey } from '../support/api-key.ts';
import { accessRequest } from '../support/request.ts';
import { runs } from '../support/runs.ts';

const document = readFileSync('docs/api-keys.md', 'utf8');
const published = new RegExp(/```regex\n(.+)\n```/.exec(document)?.[1] ?? 'absent', 'g');

test('the expression published for secret scanners finds every key, wherever it was pasted', () => {
  for (const environment of ['live', 'test'] as const) {
    for (let made = 0; made < 200; made += 1) {
      const key = generateApiKey(environment);
      for (const text of [key, `KEY="${key}"`, `x-api-key: ${key}\n`, `https://h/?k=${key}&b`, `a,${key};b`])
        expect(text.match(published)).toEqual([key]);
    }
  }
});

test('and nothing that differs from the form of a key in length, alphabet or prefix', () => {
  const key = apiKey('live', 'Scanner');
  const others = [
    key.slice(1),
    key.slice(0, -1),
    `${key}x`,
    `x${key}`,
    key.replace('live', 'prod'),
    key.replace('S', '-'),
  ];
  for (const other of others) expect(other.match(published)).toBeNull();
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => expect(text.match(published)).toBeNull()),
    runs(300),
  );
});

test('the widest key that may be made has answers that fit', () => {
  const { count, characters } = scopeLimits;
  const each = Math.floor((characters - (count - 1)) / count);
  const scopes = Array.from({ length: count }, (_, index) => `records:read:e${index}`.padEnd(each, 'x'));
  const longest = 'o'.repeat(63);
  const decision: Allow = {
    effect: 'allow',
    principal: {
      owner: { kind: 'user', id: 'u'.repeat(32) },
      credentialKind: 'api_key',
      credentialId: 'k'.repeat(32),
      scopes,
      expiresAt: 4e9,
    },
    organization: { id: 'o'.repeat(32), slug: longest },
    role: 'owner',
    scopes,
  };
  const request = accessRequest({ path: `/v1/records/${scopes[0]?.slice('records:read:'.length)}` });
  const answer = rest.render(decision, { request, table: routeTable(routes), trusted: compileOrigins([]) });
  expect(scopes.join(' ').length).toBeGreaterThan(characters - count);
  expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(8192);
});
