import { Command, CommanderError } from 'commander';
import { Fault } from '../../lambda/core/fault.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import type { Execute } from './command.ts';
import { explainCommand } from './explain/command.ts';
import { CommandFailure } from './failure.ts';
import { keyCommands } from './keys/commands.ts';
import { openOperator } from './operator.ts';
import { output, type Streams } from './output.ts';
import { openTarget } from './open-target.ts';
import { secretCommands } from './secrets/commands.ts';
import { sessionCommands } from './sessions/commands.ts';
import type { Target, TargetOptions } from './target.ts';
import { tokenCommands } from './tokens/commands.ts';

/** What the program is given from outside. */
export interface Surroundings extends Streams {
  readonly clock: Clock;
  /** Where a local stack keeps its files. */
  readonly directory: string;
  readonly readInput: () => Promise<string>;
}

interface GlobalOptions extends TargetOptions {
  readonly json?: boolean;
}

/** Exit codes of the contract. */
const refusedOrFailed = 1;
const usage = 2;

/**
 * Runs one command line.
 *
 * @param args without the program's own name
 * @returns the exit code: 0 done or allowed, 1 refused or failed, 2 wrong usage
 */
export async function run(args: readonly string[], around: Surroundings): Promise<number> {
  const json = args.includes('--json');
  let exitCode = 0;
  let help = '';
  const program = new Command('authctl')
    .description('Operates the CRM authorizer: the running local stack, or one on AWS with --stack.')
    .option('--json', 'one JSON document on standard output, errors included')
    .option('--profile <name>', 'AWS profile')
    .option('--region <region>', 'AWS region')
    .option('--stack <name>', 'CloudFormation stack on AWS')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => (help += text),
      // An error is told once, below, where it can also be JSON.
      writeErr: () => {},
    });

  const withTarget = async (command: Command, work: (target: Target) => Promise<void>): Promise<void> => {
    const target = await openTarget(command.optsWithGlobals<GlobalOptions>(), around.directory);
    try {
      await work(target);
    } finally {
      target.close();
    }
  };
  keyCommands(program, (command, work) =>
    withTarget(command, async ({ config, dynamodb }) =>
      work(await openOperator(config, dynamodb, around.clock), output(json, around)),
    ),
  );
  explainCommand(program, around, (command, work) =>
    withTarget(command, async (target) => {
      const allowed = await work(target, output(json, around));
      if (!allowed) exitCode = refusedOrFailed;
    }),
  );
  const execute: Execute = (command, work) =>
    withTarget(command, async (target) => {
      const operator = () => openOperator(target.config, target.dynamodb, around.clock);
      const done = await work({ ...around, target, operator, output: output(json, around) });
      if (done === false) exitCode = refusedOrFailed;
    });
  for (const commands of [tokenCommands, sessionCommands, secretCommands]) commands(program, execute);
  inherit(program);

  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (cause) {
    if (cause instanceof CommanderError && cause.exitCode === 0) {
      around.out(json ? `${JSON.stringify({ help })}\n` : help);
      return 0;
    }
    const { code, message } = describe(cause);
    if (json) around.out(`${JSON.stringify({ error: code, message })}\n`);
    else around.err(`authctl: ${message}\n`);
    return code === 'usage' ? usage : refusedOrFailed;
  }
}

/** Commander copies these to commands that are made after they were set; ours are made by other files. */
function inherit(command: Command): void {
  for (const each of command.commands) {
    each.copyInheritedSettings(command).showHelpAfterError(false);
    inherit(each);
  }
}

/** Words of our own, or of the parser's. Any other message may quote what was given, a secret among it. */
function describe(cause: unknown): { readonly code: string; readonly message: string } {
  if (cause instanceof CommandFailure) return { code: cause.code, message: cause.message };
  if (cause instanceof CommanderError) {
    const message = cause.message.replace(/^error: /, '');
    return {
      code: 'usage',
      message: message === '(outputHelp)' ? 'Name a command: authctl --help' : message,
    };
  }
  if (cause instanceof Fault) return { code: 'failed', message: `${cause.message}.` };
  const name = cause instanceof Error ? cause.name : 'Error';
  return { code: 'failed', message: `It did not work (${name}).` };
}
