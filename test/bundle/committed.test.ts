import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { authorizerCases } from '../../events/source/cases.ts';
import { endpointCases } from '../../events/source/endpoints.ts';
import { environment } from '../../events/source/environment.ts';
import { directory, eventFiles, withTable } from '../../events/source/files.ts';
import { freshCases } from '../../events/source/fresh.ts';
import { expiredToken } from '../../events/source/world.ts';

const read = (name: string): string => readFileSync(new URL(name, directory), 'utf8');

test('the committed events are those the tests run, and there is no other', () => {
  const committed = readdirSync(directory).filter((name) => name.endsWith('.json') && name !== 'env.json');
  expect(committed.sort()).toEqual([...eventFiles.keys()].sort());
  expect(Object.fromEntries(committed.map((name) => [name, read(name)]))).toEqual(
    Object.fromEntries(eventFiles),
  );
});

test('no file is two events', () => {
  expect(eventFiles.size).toBe(authorizerCases.length + endpointCases.length);
});

test('the table in events/README.md is theirs', () => {
  const readme = read('README.md');
  expect(withTable(readme)).toBe(readme);
});

test('a fresh variant is the same event but for its token', async () => {
  const fresh = await freshCases(Date.now());
  expect(fresh.length).toBeGreaterThan(0);
  for (const { file, event } of fresh) {
    const text = JSON.stringify(event);
    const [token = ''] = /eyJ[\w-]+\.[\w-]+\.[\w-]{43}/.exec(text) ?? [];
    expect(token).not.toBe(expiredToken);
    expect(JSON.parse(text.replaceAll(token, expiredToken))).toEqual(JSON.parse(read(file)));
  }
});

test('env.json says of its secrets that they are examples', () => {
  for (const name of ['EXTENSION_TOKEN_SECRET', 'BETTER_AUTH_SECRET'] as const) {
    expect(environment[name]).toMatch(/^example-.{24,}$/);
  }
});
