import type { Command } from 'commander';
import type { Clock } from '../../lambda/runtime/clock.ts';
import type { Operator } from './operator.ts';
import type { Output } from './output.ts';
import type { Target } from './target.ts';

/** What a command works with. */
export interface Setting {
  readonly target: Target;
  /** Opened on demand: a command that reads secrets alone needs no Better Auth. */
  readonly operator: () => Promise<Operator>;
  readonly output: Output;
  readonly clock: Clock;
  readonly readInput: () => Promise<string>;
}

/** Runs a command on a deployment; whatever was opened is closed again. `false` from it exits with 1. */
export type Execute = (
  command: Command,
  work: (setting: Setting) => Promise<boolean | void>,
) => Promise<void>;
