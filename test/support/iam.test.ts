import { describe, expect, test } from '@jest/globals';
import { isAllowed } from './iam.ts';

describe('the evaluator these tests trust', () => {
  const policy = (...statements: readonly (readonly [string, string])[]) => ({
    Statement: statements.map(([Effect, Resource]) => ({ Effect, Resource, Action: 'execute-api:Invoke' })),
  });

  test('lets an explicit Deny win, in any order, and nothing through unasked', () => {
    expect(isAllowed(policy(['Allow', 'a']), 'a')).toBe(true);
    expect(isAllowed(policy(['Allow', 'a'], ['Deny', '*']), 'a')).toBe(false);
    expect(isAllowed(policy(['Deny', '*'], ['Allow', 'a']), 'a')).toBe(false);
    expect(isAllowed(policy(), 'a')).toBe(false);
  });

  test('reads * across slashes, ? as one character, and no other character as special', () => {
    expect(isAllowed(policy(['Allow', 'x/*/z']), 'x/a/b/z')).toBe(true);
    expect(isAllowed(policy(['Allow', 'x/*']), 'x/')).toBe(true);
    expect(isAllowed(policy(['Allow', 'x/?']), 'x/a')).toBe(true);
    expect(isAllowed(policy(['Allow', 'x/?']), 'x/')).toBe(false);
    expect(isAllowed(policy(['Allow', 'x/?']), 'x/ab')).toBe(false);
    expect(isAllowed(policy(['Allow', 'x.y']), 'xzy')).toBe(false);
    expect(isAllowed(policy(['Allow', '*a*b']), 'aabab')).toBe(true);
    expect(isAllowed(policy(['Allow', '*a*b']), 'aaba')).toBe(false);
  });
});
