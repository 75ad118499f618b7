import type { Command } from 'commander';
import type { Execute } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { findUser } from '../keys/owner.ts';
import { oneOf } from '../one-of.ts';
import type { Operator } from '../operator.ts';
import { printable, table } from '../output.ts';
import {
  revokeOrganizationSessions,
  revokeSession,
  revokeUserSessions,
  type RevokedSessions,
} from './revoke.ts';
import { sessionsOf, type StoredSession } from './stored.ts';

interface Whose {
  readonly user?: string;
  readonly organization?: string;
}

export function sessionCommands(program: Command, execute: Execute): void {
  const sessions = program.command('sessions').description('Sessions of browsers: list, revoke');

  sessions
    .command('list')
    .description('List a user’s sessions. No token is shown.')
    .requiredOption('--user <email|id>', 'whose')
    .action(({ user }: { readonly user: string }, command: Command) =>
      execute(command, async ({ operator, output }) => {
        const opened = await operator();
        const found = await sessionsOf(opened, (await findUser(opened, user)).id);
        output.result({ sessions: found.map(view) }, () => sessionTable(found));
      }),
    );

  sessions
    .command('revoke')
    .description('End a session, or all of a user or in an organization.')
    .argument('[id]', 'id of the session')
    .option('--user <email|id>', 'all of this user')
    .option('--organization <slug>', 'all that are in this organization')
    .allowUnknownOption()
    .action((id: string | undefined, whose: Whose, command: Command) => {
      oneOf('an id, --user or --organization', [id, whose.user, whose.organization]);
      return execute(command, async ({ operator, output }) => {
        const revoked = await revoke(await operator(), id, whose);
        for (const line of consequences(revoked)) output.progress(line);
        output.result(revoked, () => `${revoked.deleted} deleted.`);
      });
    });
}

async function revoke(operator: Operator, id: string | undefined, { user, organization }: Whose) {
  if (id !== undefined) return revokeSession(operator, id);
  if (user !== undefined) return revokeUserSessions(operator, user);
  if (organization !== undefined) return revokeOrganizationSessions(operator, organization);
  throw new CommandFailure('usage', 'Name sessions.');
}

function consequences({ userId, organizationId }: RevokedSessions): readonly string[] {
  if (userId !== undefined)
    return [
      'The user signs in anew everywhere, in six seconds at the earliest.',
      'Their API keys and extension tokens of before are refused as well: make new keys.',
    ];
  if (organizationId !== undefined)
    return [
      'Its members sign in anew, in six seconds at the earliest.',
      'Every API key and extension token of before is refused there as well: make new keys.',
    ];
  return ['A warm authorizer may accept it for FACTS_TTL_SECONDS (15) more; --user ends them within 5.'];
}

const view = ({ id, createdAt, expiresAt, ipAddress, userAgent }: StoredSession) => ({
  id,
  createdAt,
  expiresAt,
  ip: ipAddress,
  userAgent,
});

function sessionTable(sessions: readonly StoredSession[]): string {
  if (sessions.length === 0) return 'No sessions.';
  return table(
    ['id', 'created', 'expires', 'address', 'user agent'],
    sessions.map(({ id, createdAt, expiresAt, ipAddress, userAgent }) => [
      id,
      createdAt,
      expiresAt,
      printable(ipAddress ?? ''),
      printable(userAgent ?? ''),
    ]),
  );
}
