import { authorizerCases } from './cases.ts';
import { endpointCases } from './endpoints.ts';
import type { Expected } from './request.ts';

/** An expectation in a cell of the table. */
function inWords(expected: Expected): string {
  if ('fault' in expected) return 'fails (5xx)';
  return 'deny' in expected ? `refused: \`${expected.deny}\`` : 'allowed';
}

const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const code = (name: string): string => `\`${name}\``;

/** The table of `events/README.md`: event, function, expected answer. */
export const indexTable = (): string =>
  [
    rowOf(['event', 'is', 'function', 'answer', 'with a fresh token']),
    rowOf(['---', '---', '---', '---', '---']),
    ...authorizerCases.map(({ file, says, functionNames, expected, fresh }) =>
      rowOf([
        code(file),
        says,
        functionNames.map(code).join(', '),
        inWords(expected),
        fresh ? inWords(fresh) : '',
      ]),
    ),
    ...endpointCases.map(({ file, says, functionNames, status }) =>
      rowOf([code(file), says, functionNames.map(code).join(', '), String(status), '']),
    ),
  ].join('\n');
