import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { trimmed } from '../../lambda/core/white-space.ts';
import { runs } from '../support/runs.ts';

test('spaces and tabs around a value are taken off, and nothing else is, wherever it stands', () => {
  const text = fc.array(fc.constantFrom(' ', '\t', 'a', 'b', '\u00a0', '\n', '\ufeff', '\0'), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(text, (characters) => {
      const value = characters.join('');
      expect(trimmed(value)).toBe(value.replace(/^[ \t]+|[ \t]+$/g, ''));
    }),
    runs(500),
  );
});

test('a value of white space alone is empty', () => {
  for (const value of ['', ' ', '\t', ' \t ', ' '.repeat(1000)]) expect(trimmed(value)).toBe('');
});
