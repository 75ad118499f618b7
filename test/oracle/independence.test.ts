import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What judges, forges cookies and says what is expected. */
const oracleSide = [
  'better-auth',
  'cookies',
  'cache-cookies',
  'key-case',
  'session-case',
  'expected-key',
  'expected-session',
  'differences',
  'machine-clock',
].map((name) => `test/oracle/${name}.ts`);

/** The file and all files it imports, directly or not, types too. */
function reached(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.{1,2}\/[^']+)'/g))
    reached(join(dirname(file), path), found);
  return found;
}

test.each(oracleSide)('%s shares no line with the product: what it judges by is its own', (file) => {
  const files = [...reached(file)];
  expect(files.filter((each) => !each.startsWith('test/'))).toEqual([]);
});

test('the files that drive the product do reach it, so that the search finds what it looks for', () => {
  expect([...reached('test/oracle/answer.ts')]).toContain('lambda/core/decide.ts');
});
