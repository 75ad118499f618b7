import { parseArgs } from 'node:util';

export interface Options {
  /** Names of the parts to run; empty: all of them. */
  readonly only: readonly string[];
  /** Rounds of each timed comparison. */
  readonly rounds: number;
  /** Most API keys in the table. */
  readonly keys: number;
  /** Most distinct credentials that are presented to one process. */
  readonly credentials: number;
  readonly help: boolean;
}

export class UsageError extends Error {}

/** @throws {UsageError} naming the option and what it must be */
export function readOptions(args: readonly string[], parts: readonly string[]): Options {
  const { values } = parse(args);
  const only = values.only ?? [];
  const unknown = only.find((name) => !parts.includes(name));
  if (unknown !== undefined) throw new UsageError(`--only ${unknown}: must be one of ${parts.join(', ')}`);
  return {
    only,
    rounds: wholeNumber('rounds', values.rounds, 1),
    keys: wholeNumber('keys', values.keys, 1000),
    credentials: wholeNumber('credentials', values.credentials, 20_000),
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string', default: '200' },
        keys: { type: 'string', default: '100000' },
        credentials: { type: 'string', default: '100000' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d{1,8}$/.test(text) || value < least) {
    throw new UsageError(`--${name} ${text}: must be a whole number of at least ${least}`);
  }
  return value;
}
