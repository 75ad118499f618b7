import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  ABSENT,
  EXISTS,
  all,
  any,
  compare,
  fromWhere,
  holds,
} from '../../lambda/identity/adapter/condition.ts';
import type { Condition } from '../../lambda/identity/adapter/condition.ts';
import { isExpressible } from '../../lambda/identity/adapter/expression.ts';
import type { Item } from '../../lambda/identity/adapter/model.ts';
import { openTable } from '../../lambda/identity/adapter/table.ts';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { runs } from '../support/runs.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

const scalar = fc.oneof(
  fc.constantFrom<string | number | boolean>(
    '',
    'a',
    'ab',
    'b',
    'B',
    'é',
    '😀',
    '\uffee',
    -1,
    0,
    1,
    10,
    2.5,
    true,
    false,
  ),
);
const attribute = fc.constantFrom('x', 'y', 'name', 'size');
const items = fc.option(fc.dictionary(attribute, scalar, { maxKeys: 4 }), { nil: undefined });
const comparison: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(
      attribute,
      fc.constantFrom(
        'eq' as const,
        'ne' as const,
        'lt' as const,
        'lte' as const,
        'gt' as const,
        'gte' as const,
      ),
      fc.option(scalar),
    )
    .map(([name, operator, value]) => compare(name, operator, value)),
  fc
    .tuple(
      attribute,
      fc.constantFrom('in' as const, 'not_in' as const),
      fc.array(fc.option(scalar), { maxLength: 4 }),
    )
    .map(([name, operator, value]) => compare(name, operator, value)),
  fc
    .tuple(
      attribute,
      fc.constantFrom('contains' as const, 'starts_with' as const),
      fc.constantFrom('a', 'b', 'é'),
    )
    .map(([name, operator, value]) => compare(name, operator, value)),
  fc.constantFrom(ABSENT, EXISTS),
);
const conditions = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    comparison,
    fc.array(tie('condition'), { maxLength: 3 }).map((of) => all(...of)),
    fc.array(tie('condition'), { maxLength: 3 }).map((of) => any(...of)),
  ),
})).condition;

test('a condition means the same here and in DynamoDB, for any condition and any item', async () => {
  const table = openTable(engine.client, await engine.createIdentityTable());
  const role = { model: 'thing', kind: 'row', field: 'id', random: false } as const;
  let number = 0;
  await fc.assert(
    fc.asyncProperty(items, conditions, async (fields, condition) => {
      fc.pre(isExpressible(condition));
      const key = { pk: `thing#${(number += 1)}`, sk: '#' };
      const item: Item | undefined = fields === undefined ? undefined : { ...key, ...fields };
      if (item !== undefined) await table.apply([{ kind: 'put', key, item, role }]);
      const change = { set: { touched: true }, remove: [], add: {} };
      const { done } = await table.apply([{ kind: 'update', key, change, when: condition, role }]);
      expect(done).toBe(holds(condition, item));
    }),
    runs(300),
  );
});

test('what DynamoDB has no expression for is known as such', () => {
  expect(isExpressible(compare('x', 'ends_with', 'a'))).toBe(false);
  expect(isExpressible(compare('x', 'in', Array.from({ length: 101 }, String)))).toBe(false);
  const insensitive = {
    field: 'x',
    value: 'A',
    operator: 'eq',
    connector: 'AND',
    mode: 'insensitive',
  } as const;
  expect(isExpressible(fromWhere([insensitive]))).toBe(false);
  expect(holds(fromWhere([insensitive]), { x: 'a' })).toBe(true);
});
