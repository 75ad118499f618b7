import Table from 'cli-table3';

/** Where a command says what it did. */
export interface Output {
  /** The result: one JSON document, or what `human` makes of it. */
  readonly result: (document: object, human: () => string) => void;
  /** What is being done, and what to mind. Never part of the result. */
  readonly progress: (line: string) => void;
}

export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export function output(json: boolean, { out, err }: Streams): Output {
  return {
    result: (document, human) => out(json ? `${JSON.stringify(document)}\n` : `${human()}\n`),
    progress: (line) => err(`${line}\n`),
  };
}

/** Rows under their heads. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const printed = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) printed.push([...row]);
  return printed.toString();
}

/** One thing's properties, one a line; those without a value are left out. */
export function properties(entries: readonly (readonly [name: string, value: string | undefined])[]): string {
  const present = entries.filter(([, value]) => value !== undefined);
  const width = Math.max(...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

/** Text that somebody else wrote, for a terminal: what would move its cursor or turn its text round is shown as `?`. */
export const printable = (text: string): string => text.replace(/[^ -~\p{L}\p{N}\p{P}]/gu, '?').slice(0, 80);
