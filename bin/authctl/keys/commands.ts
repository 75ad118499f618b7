import { type Command, InvalidArgumentError } from 'commander';
import { isAddressBlock } from '../../../lambda/credentials/address-list.ts';
import { duration, positive, positiveDuration, rate } from '../duration.ts';
import { CommandFailure } from '../failure.ts';
import type { Operator } from '../operator.ts';
import { properties, type Output } from '../output.ts';
import { createKey, type NewKey } from './create.ts';
import { findOrganization, findUser } from './owner.ts';
import { revokeKey } from './revoke.ts';
import { rotateKey } from './rotate.ts';
import { allKeys, keysOfOwner } from './stored.ts';
import { keyTable, viewKey } from './view.ts';

/** Runs a command with what it needs; whatever it opened is closed again. */
export type WithOperator = (
  command: Command,
  work: (operator: Operator, output: Output) => Promise<void>,
) => Promise<void>;

const day = 86_400_000;
/** Entries of an address list. */
const mostAddresses = 100;

export function keyCommands(program: Command, withOperator: WithOperator): void {
  const keys = program.command('keys').description('API keys: make, list, rotate, revoke');

  keys
    .command('create')
    .description('Make a key. It is shown once, and only here.')
    .option('--user <email|id>', 'its owner, a user')
    .option('--owner-organization <slug>', 'its owner, an organization')
    .requiredOption('--name <name>', 'what it is for', name)
    .option('--organization <slug>', 'limit it to this organization of the user (repeatable)', append, [])
    .option(
      '--scope <scope>',
      'limit it to this scope, such as records:read:contact (repeatable)',
      append,
      [],
    )
    .option('--remaining <n>', 'uses it has', positive)
    .option('--refill <n/duration>', 'begin anew with so many uses every so often', rate)
    .option('--rate <n/duration>', 'uses within a sliding window, such as 100/1m', rate)
    .option('--expires-in <duration>', 'time until it ends, such as 90d', positiveDuration)
    .option('--allow-ip <cidr>', 'limit it to this address or block (repeatable)', address, [])
    .action((options: NewKey, command: Command) =>
      withOperator(command, async (operator, { result, progress }) => {
        const created = await createKey(operator, options);
        if (created.scopes === null && options.ownerOrganization !== undefined)
          progress("Without a scope, an organization's key opens only what needs none.");
        progress('The key is shown this once: only its hash is stored.');
        result(created, () =>
          properties([
            ['id', created.id],
            ['key', created.key],
            ['owner', created.owner],
            ['scopes', created.scopes?.join(' ') ?? "all of the owner's role"],
            ['ends', created.expiresAt ?? 'never'],
          ]),
        );
      }),
    );

  keys
    .command('list')
    .description('List keys, of one owner or all. Neither keys nor their hashes are shown.')
    .option('--user <email|id>', 'of this user')
    .option('--organization <slug>', 'owned by this organization')
    .action((options: { readonly user?: string; readonly organization?: string }, command: Command) =>
      withOperator(command, async (operator, { result, progress }) => {
        const found = await listed(operator, options, progress);
        const views = found.map((key) => viewKey(key, operator.clock()));
        result({ keys: views }, () => keyTable(views));
      }),
    );

  keys
    .command('rotate')
    .description('Make a successor, and end the key after a grace. Repeating it makes no second one.')
    .argument('<id>', 'id of the key')
    .option('--grace <duration>', 'how long the key itself still works', duration, day)
    .action((id: string, { grace }: { readonly grace: number }, command: Command) =>
      withOperator(command, async (operator, { result, progress }) => {
        const rotated = await rotateKey(operator, id, grace);
        progress(
          rotated.key === null
            ? 'Rotated before: its successor was shown then. If that is lost, rotate the successor.'
            : 'The successor is shown this once: only its hash is stored.',
        );
        result(rotated, () =>
          properties([
            ['id', rotated.id],
            ['key', rotated.key ?? undefined],
            ['predecessor', rotated.predecessor.id],
            ['works until', rotated.predecessor.notAfter],
          ]),
        );
      }),
    );

  keys
    .command('revoke')
    .description('End a key for good: its owner cannot undo it.')
    .argument('<id>', 'id of the key')
    .action((id: string, _: object, command: Command) =>
      withOperator(command, async (operator, { result, progress }) => {
        const revoked = await revokeKey(operator, id);
        if (revoked.successorId !== undefined)
          progress(`It had been rotated: its successor ${revoked.successorId} goes on working.`);
        result(revoked, () => `${revoked.id} is revoked.`);
      }),
    );
}

async function listed(
  operator: Operator,
  { user, organization }: { readonly user?: string; readonly organization?: string },
  progress: Output['progress'],
) {
  if (user !== undefined && organization !== undefined)
    throw new CommandFailure('usage', 'Name one owner: either --user or --organization.');
  if (user !== undefined) return keysOfOwner(operator, await findUser(operator, user));
  if (organization !== undefined) {
    const { id } = await findOrganization(operator, organization);
    return keysOfOwner(operator, { kind: 'organization', id });
  }
  progress('Reading the whole table; --user or --organization reads one owner alone.');
  return allKeys(operator);
}

const append = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Better Auth's own limit on a key's name. */
function name(value: string): string {
  if (value.trim() === '' || value.length > 32) throw new InvalidArgumentError('It has 1 to 32 characters.');
  return value;
}

function address(value: string, before: readonly string[]): readonly string[] {
  if (!isAddressBlock(value))
    throw new InvalidArgumentError(
      'It is no IP address or CIDR block: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32.',
    );
  if (before.length === mostAddresses)
    throw new InvalidArgumentError(`A list has ${mostAddresses} entries at most.`);
  return [...before, value];
}
