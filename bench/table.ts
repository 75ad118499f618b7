import CliTable from 'cli-table3';
import type { Figure } from './figure.ts';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table for a terminal: the first column to the left, figures to the right. */
export function print({ head, rows }: Table): string {
  const table = new CliTable({
    head: [...head],
    style: { head: [], border: [] },
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** Three significant digits, and no more decimals than make sense. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value !== 0 && Math.abs(value) < 100) return String(Number(value.toPrecision(3)));
  return Math.round(value).toLocaleString('en-US');
}

/** Timed figures, each beside the one they are compared with. */
export function timingTable(figures: readonly Figure[], reference: Figure, called: string): Table {
  return {
    head: ['', `median (${reference.unit})`, 'middle half', `× ${called}`],
    rows: figures.map(({ name, value, quartiles = [value, value] }) => [
      name,
      number(value),
      quartiles.map(number).join(' – '),
      number(value / reference.value),
    ]),
  };
}
