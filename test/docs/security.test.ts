import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { denials } from '../../lambda/core/denial.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { differenceNames, differences } from '../oracle/differences.ts';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { decided, patientProcess } from '../support/patient.ts';
import { attempt } from './attempt.ts';
import { tableBelow, testOf, type TableRow } from './table.ts';
import { both, violations, type Kind, type Violation } from './violations.ts';

const file = 'docs/security.md';
const kinds = [
  ['api_key', 'API keys'],
  ['session', 'Sessions'],
  ['extension_token', 'Extension tokens'],
] as const;
const bounds = tableBelow(file, 'How late a change is seen');

let world: TestAuthorizer;
let by: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
  by = patientProcess(world);
});
afterAll(() => world.stop());

async function outcomeOf(kind: Kind, wrong: Violation): Promise<string> {
  const { sent, rows } = attempt(kind, wrong);
  if (rows.length > 0) await put(world.engine.client, world.table, rows);
  return decided(by, world, sent);
}

const reasonOf = ({ reason = '' }: TableRow): string => /`([a-z_]+)`/.exec(reason)?.[1] ?? '';

describe.each(kinds)('the checks of %s', (kind, heading) => {
  const checks = tableBelow(file, heading);
  const wrongOf = ({ check = '' }: TableRow): Violation => violations[kind].get(check) ?? {};

  test('are those that requests below violate, in their order', () => {
    expect(checks.map(({ check }) => check)).toEqual([...violations[kind].keys()]);
  });

  test('let in who violates none', async () => expect(await outcomeOf(kind, {})).toBe('allow'));

  test.each(checks.map((row): [string, TableRow] => [`${row['check']}: ${reasonOf(row)}`, row]))(
    'refuse who violates one alone, with its reason and status: %s',
    async (_, row) => {
      const reason = await outcomeOf(kind, wrongOf(row));
      expect(reason).toBe(reasonOf(row));
      const [kindOfRefusal] = Object.entries(denials).find(([name]) => name === reason)?.[1] ?? [];
      const status = kindOfRefusal === 'unauthenticated' ? 401 : 403;
      expect(row['reason']).toContain(String(status));
    },
  );

  test('refuse who violates two with the reason of the earlier, for every two', async () => {
    for (const [index, first] of checks.entries()) {
      for (const then of checks.slice(index + 1)) {
        const outcome = await outcomeOf(kind, both(wrongOf(first), wrongOf(then)));
        expect([first['check'], then['check'], outcome]).toEqual([
          first['check'],
          then['check'],
          toldFirst(kind, first, then),
        ]);
      }
    }
  });
});

/** A use from an address that is not allowed is not counted, so its limits are not looked at. */
const uncounted: ReadonlySet<string | undefined> = new Set(['remaining uses', 'rate limit']);

const toldFirst = (kind: Kind, first: TableRow, then: TableRow): string =>
  kind === 'api_key' && uncounted.has(first['check']) && then['check'] === 'address'
    ? reasonOf(then)
    : reasonOf(first);

test('every reason there is stands in one of the tables', () => {
  const told = kinds.flatMap(([, heading]) => tableBelow(file, heading).map(reasonOf));
  expect(new Set(told)).toEqual(new Set(Object.keys(denials)));
});

const named = [...kinds.map(([, heading]) => heading), 'How late a change is seen', 'What else is held'];
test.each(named.flatMap((heading) => tableBelow(file, heading).map((row) => row['test'] ?? '')))(
  'the test that a row names is there: %s',
  (cell) => {
    const { name, path } = testOf(cell);
    expect(path).toMatch(/^test\/.+\.ts$/);
    expect([path, existsSync(path)]).toEqual([path, true]);
    expect([path, readFileSync(path, 'utf8').includes(name)]).toEqual([path, true]);
  },
);

test('the bounds are those of a deployment without settings of its own, and cannot be loosened there', () => {
  const settings = {
    FACTS_TTL_SECONDS: 'facts',
    REVOCATION_TTL_SECONDS: 'revocation',
    KEY_RING_TTL_SECONDS: 'keyRing',
    KEY_RING_STALE_SECONDS: 'keyRingStale',
  } as const;
  const { ttl } = readConfig({ STAGE: 'production' });
  for (const [variable, name] of Object.entries(settings)) {
    const rows = bounds.filter(({ setting }) => setting === `\`${variable}\``);
    expect([variable, rows.length > 0]).toEqual([variable, true]);
    for (const row of rows) expect([row['within'], variable]).toEqual([`${ttl[name]} s`, variable]);
    const looser = {
      STAGE: 'production',
      [variable]: String(ttl[name] + 1),
      KEY_RING_PUBLISH_SECONDS: '99999',
    };
    expect(() => readConfig(looser)).toThrow(variable);
  }
});

test('the differences from Better Auth are those that are compared', () => {
  expect(tableBelow(file, 'Differences from Better Auth')).toEqual(
    differenceNames.map((difference) => {
      const { of, betterAuth, here, why } = differences[difference];
      const words = { api_key: 'API key', session: 'session' };
      return {
        difference,
        of: of.map((each) => words[each]).join(', '),
        'Better Auth': betterAuth,
        here,
        why,
      };
    }),
  );
});

test('as many cases are compared as the document says', () => {
  const text = readFileSync(file, 'utf8').replaceAll(/\s+/g, ' ');
  const said = /compare ([\d,]+) random cases in `npm test` and ([\d,]+) in a round/.exec(text) ?? [];
  const [, usual, long] = said.map((number) => Number(number.replaceAll(',', '')));
  const runsOf = (path: string): number =>
    Number(/runs\((\d+)\)/.exec(readFileSync(`test/oracle/${path}`, 'utf8'))?.[1]);
  expect(runsOf('keys.test.ts') + runsOf('sessions.test.ts')).toBe(usual);
  expect(readFileSync('test/soak.ts', 'utf8')).toContain(
    `count('ORACLE_CASES', ${String(long).replace(/(\d{3})$/, '_$1')})`,
  );
});
