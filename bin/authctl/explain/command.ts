import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { authority } from '../../../lambda/authorizer/authority.ts';
import type { AccessRequest } from '../../../lambda/core/model.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { CommandFailure } from '../failure.ts';
import { properties, table, type Output } from '../output.ts';
import type { Target } from '../target.ts';
import { requestOf, requestOfEvent } from './request.ts';
import { explain, type Explanation } from './trace.ts';

/** Runs a command on a deployment. @returns whether the request is allowed */
type WithTarget = (
  command: Command,
  work: (target: Target, output: Output) => Promise<boolean>,
) => Promise<void>;

interface Options {
  readonly header: readonly string[];
  readonly event?: string;
  readonly sourceAddress?: string;
}

interface Around {
  readonly clock: Clock;
  readonly readInput: () => Promise<string>;
}

export function explainCommand(program: Command, around: Around, withTarget: WithTarget): void {
  program
    .command('explain')
    .description('Say how a request is decided, step by step. Writes nothing and uses up nothing.')
    .argument('[method]', 'GET, POST, …, or $connect')
    .argument('[path]', 'such as /v1/records/contact', '/')
    .option('-H, --header <name: value>', 'a header of the request (repeatable)', append, [])
    .option('--event <file>', "an authorizer's event instead; - reads standard input")
    .option('--source-address <address>', 'where the request comes from')
    .action(async (method: string | undefined, path: string, options: Options, command: Command) => {
      const request = await requested(method, path, options, around.readInput);
      await withTarget(command, async ({ config, dynamodb, secretsManager }, { result }) => {
        const clients = { dynamodb, secretsManager: () => secretsManager };
        const deciding = authority(config, clients, around.clock, 'preview');
        // Connections are made before anything is measured, and before its deadlines count.
        await deciding.warmUp();
        const explanation = await explain(deciding, request, around.clock);
        result(explanation, () => told(explanation));
        return explanation.effect === 'allow';
      });
    });
}

async function requested(
  method: string | undefined,
  path: string,
  { header, event, sourceAddress }: Options,
  readInput: () => Promise<string>,
): Promise<AccessRequest> {
  if ((method === undefined) === (event === undefined))
    throw new CommandFailure('usage', 'Give a method and a path, or --event.');
  if (method !== undefined)
    return requestOf({
      method,
      path,
      headers: header,
      ...(sourceAddress === undefined ? {} : { sourceAddress }),
    });
  if (event === undefined || event === '-') return requestOfEvent(await readInput());
  const text = await readFile(event, 'utf8').catch(() => undefined);
  if (text === undefined) throw new CommandFailure('usage', 'The file of the event cannot be read.');
  return requestOfEvent(text);
}

const append = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function told({ effect, reason, steps, principal, organization, scopes }: Explanation): string {
  const rows = steps.map(({ step, outcome, reads, ms }) => [step, outcome, String(reads), String(ms)]);
  return [
    table(['step', 'outcome', 'reads', 'ms'], rows),
    properties([
      ['effect', effect],
      ['reason', reason],
      ['principal', principal && `${principal.owner.kind}:${principal.owner.id}`],
      ['credential', principal && `${principal.credentialKind} ${principal.credentialId}`],
      ['organization', organization && `${organization.slug} (${organization.id})`],
      ['scopes', scopes?.join(' ')],
    ]),
  ].join('\n');
}
