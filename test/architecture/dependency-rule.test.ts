import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

const isReport = (value: unknown): value is Report =>
  typeof value === 'object' && value !== null && 'summary' in value;

const namesOf = (broken: readonly string[]): readonly string[] => [...new Set(broken)].sort();

/** Runs dependency-cruiser, under this project's own rules, over a tree of files. */
function cruiseOver(files: Readonly<Record<string, string>>): {
  readonly rules: readonly string[];
  readonly violations: readonly string[];
} {
  const root = mkdtempSync(join(tmpdir(), 'rule-'));
  try {
    for (const [path, source] of Object.entries({ ...packages, ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), source);
    }
    const report: unknown = JSON.parse(cruise(root));
    if (!isReport(report)) throw new Error('dependency-cruiser answered in another form');
    const { violations, ruleSetUsed } = report.summary;
    return {
      rules: ruleSetUsed.forbidden.map(({ name }) => name),
      violations: violations.map(({ rule, from }) => `${rule.name}: ${from}`),
    };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function cruise(root: string): string {
  const program = resolve('node_modules/.bin/depcruise');
  const rules = resolve('.dependency-cruiser.mjs');
  const run = spawnSync(process.execPath, [program, '--config', rules, '--output-type', 'json', '.'], {
    cwd: root,
    encoding: 'utf8',
  });
  return run.stdout;
}

const packages = {
  'package.json': '{"type":"module"}',
  'node_modules/better-auth/package.json': '{"name":"better-auth","main":"index.js"}',
  'node_modules/better-auth/index.js': 'export default 1;',
  'node_modules/jose/package.json': '{"name":"jose","main":"index.js"}',
  'node_modules/jose/index.js': 'export default 1;',
};

const leaf = 'export const leaf = 1; export type Leaf = number;';

/** A tree that keeps the rule wherever a rule could be too strict. */
const conforming = {
  'lambda/core/routes.ts': `import type { M } from './model.ts'; export const routes: M[] = [];`,
  'lambda/core/model.ts': 'export type M = string;',
  'lambda/store/facts.ts': `import { routes } from '../core/routes.ts'; import jose from 'jose'; export const facts = [routes, jose];`,
  'lambda/identity/auth.ts': `import auth from 'better-auth'; import { facts } from '../store/facts.ts'; export const a = [auth, facts];`,
  'lambda/crm/whoami.ts': `import { facts } from '../store/facts.ts'; import { createHash } from 'node:crypto'; export const w = [facts, createHash]; export type W = number;`,
  'lib/stack.ts': `import { routes } from '../lambda/core/routes.ts'; import type { W } from '../lambda/crm/whoami.ts'; export const s: W[] = [routes.length];`,
  'local/stack.ts': `import { facts } from '../lambda/store/facts.ts'; export const s = facts;`,
  'test/oracle.ts': `import auth from 'better-auth'; import { s } from '../lib/stack.ts'; export const o = [auth, s];`,
};

test('a tree that keeps the dependency rule has no violation', () => {
  expect(cruiseOver(conforming).violations).toEqual([]);
});

describe('the dependency rule refuses', () => {
  /** Rule, the file that breaks it, and what that file says. All in one tree, so one run answers for all. */
  const broken: readonly (readonly [rule: string, file: string, source: string])[] = [
    [
      'core-imports-core',
      'lambda/core/clock.ts',
      `import { hrtime } from 'node:process'; export { hrtime };`,
    ],
    ['core-imports-core', 'lambda/core/npm.ts', `import jose from 'jose'; export { jose };`],
    [
      'core-imports-core',
      'lambda/core/up.ts',
      `import type { Leaf } from '../store/leaf.ts'; export type U = Leaf;`,
    ],
    ['parts-below-functions', 'lambda/credentials/up.ts', `export { leaf } from '../authorizer/leaf.ts';`],
    [
      'parts-below-functions',
      'lambda/runtime/lazy.ts',
      `export const lazy = () => import('../crm/leaf.ts');`,
    ],
    ['functions-below-programs', 'lambda/rotation/up.ts', `export type { Leaf } from '../../lib/leaf.ts';`],
    ['functions-below-programs', 'lambda/crm/up.ts', `export { leaf } from '../../local/leaf.ts';`],
    ['lambda-has-known-folders', 'lambda/utils/leaf.ts', `export { leaf } from '../store/leaf.ts';`],
    ['lib-imports-types-and-routes', 'lib/value.ts', `export { leaf } from '../lambda/store/leaf.ts';`],
    ['lib-imports-types-and-routes', 'lib/core.ts', `export { leaf } from '../lambda/core/leaf.ts';`],
    [
      'better-auth-in-identity',
      'lambda/extensions/auth.ts',
      `import type a from 'better-auth'; export type A = typeof a;`,
    ],
    ['better-auth-in-identity', 'lib/auth.ts', `import a from 'better-auth'; export { a };`],
    [
      'authorizer-without-better-auth',
      'lambda/authorizer/way.ts',
      `export { a } from '../identity/auth.ts';`,
    ],
    ['no-test-in-product', 'local/helper.ts', `export { leaf } from '../test/leaf.ts';`],
    ['no-cycles', 'lambda/store/a.ts', `import type { B } from './b.ts'; export type A = B[];`],
    ['resolvable', 'lambda/surfaces/lost.ts', `export { leaf } from './nowhere.ts';`],
  ];
  let found: ReturnType<typeof cruiseOver> = { rules: [], violations: [] };
  beforeAll(() => {
    found = cruiseOver({
      'lambda/store/leaf.ts': leaf,
      'lambda/core/leaf.ts': leaf,
      'lambda/authorizer/leaf.ts': leaf,
      'lambda/crm/leaf.ts': leaf,
      'lib/leaf.ts': leaf,
      'local/leaf.ts': leaf,
      'test/leaf.ts': leaf,
      'lambda/store/b.ts': `import type { A } from './a.ts'; export type B = A[];`,
      'lambda/identity/auth.ts': `import a from 'better-auth'; export { a };`,
      ...Object.fromEntries(broken.map(([, file, source]) => [file, source])),
    });
  });
  test.each(broken)('%s: %s', (rule, file) => {
    expect(found.violations).toContain(`${rule}: ${file}`);
  });

  test('with every rule there is: none is left without a tree that breaks it', () => {
    expect(namesOf(broken.map(([rule]) => rule))).toEqual(namesOf(found.rules));
  });
});
