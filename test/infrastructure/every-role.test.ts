import { afterAll, describe, expect, test } from '@jest/globals';
import { resourcesOf } from './rights.ts';
import { reads, rolesOf, writes } from './roles.ts';
import { synthesize } from './synthesized.ts';

const stack = synthesize();
afterAll(stack.remove);

const { names, statements, can, auth } = rolesOf(stack);

describe.each(names)('the role of %s', (name) => {
  const held = statements(name);

  test('is its own', () => {
    expect(held.length).toBeGreaterThan(0);
    const roles = names.map((each) => stack.resources[each]?.Properties.Role['Fn::GetAtt'][0]);
    expect(new Set(roles).size).toBe(names.length);
  });

  test('holds no managed policy', () => {
    const id: string = stack.resources[name]?.Properties.Role['Fn::GetAtt'][0];
    expect(stack.resources[id]?.Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  test('names every resource, but for X-Ray, which has none, and connections, which get their ids later', () => {
    const wide = held.filter((statement) =>
      resourcesOf(statement).some(
        (resource) => resource.includes('*') && !resource.includes('/@connections/*'),
      ),
    );
    expect(wide.map(({ Action }) => Action)).toEqual([['xray:PutTelemetryRecords', 'xray:PutTraceSegments']]);
  });

  test('names every action in full, and none that reads a whole table', () => {
    const actions = held.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /\*|Scan|PartiQL|BatchWrite/.test(action))).toEqual([]);
  });

  test('reaches no identity with a request that names no key', () => {
    for (const action of [...reads, ...writes]) expect(can(name, { action, on: auth, keys: [] })).toBe(false);
  });
});
