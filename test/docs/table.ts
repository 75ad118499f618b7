import { readFileSync } from 'node:fs';

/** One row of a Markdown table, by its column's heading. */
export type TableRow = Readonly<Record<string, string>>;

/**
 * The rows of the first table below a heading.
 *
 * @throws when there is no such heading, or no table below it
 */
export function tableBelow(file: string, heading: string): readonly TableRow[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (at < 0) throw new Error(`${file} has no heading ${heading}`);
  const below = lines.slice(at + 1);
  const end = below.findIndex((line) => /^#+ /.test(line));
  const section = end < 0 ? below : below.slice(0, end);
  const [head = '', , ...rows] = section.filter((line) => line.startsWith('|'));
  const names = cells(head);
  if (names.length === 0 || rows.length === 0) throw new Error(`${file} has no table below ${heading}`);
  return rows.map((row) => Object.fromEntries(cells(row).map((cell, index) => [names[index] ?? '', cell])));
}

const cells = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** A cell's test: `[name](../path)`. */
export function testOf(cell: string): { readonly name: string; readonly path: string } {
  const [, name = '', path = ''] = /^\[(.+)\]\(\.\.\/([^)]+)\)$/.exec(cell) ?? [];
  return { name, path };
}
