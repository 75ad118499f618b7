import { InvalidArgumentError, type Command } from 'commander';
import { isScope } from '../../../lambda/core/scopes.ts';
import { longestLifetime } from '../../../lambda/credentials/extension-claims.ts';
import type { Execute } from '../command.ts';
import { positiveDuration } from '../duration.ts';
import { properties } from '../output.ts';
import { inspectToken, type Inspected } from './inspect.ts';
import { mintToken, type Wanted } from './mint.ts';
import { checkWhose, revokeTokens, type Whose } from './revoke.ts';

/** Milliseconds: those of the issuer. */
const lifetime = { shortest: 30_000, longest: longestLifetime * 1000, default: 300_000 } as const;

export function tokenCommands(program: Command, execute: Execute): void {
  const tokens = program.command('tokens').description('Extension tokens: mint, inspect, revoke');

  tokens
    .command('mint')
    .description('Mint a token as the issuer would. It is shown once, and only here.')
    .requiredOption('--user <email|id>', 'for whom it speaks')
    .requiredOption('--organization <slug>', 'where')
    .requiredOption('--extension <id>', 'the extension that uses it')
    .option('--scope <scope>', 'limit it to this scope (repeatable)', scope, [])
    .option('--ttl <duration>', 'how long it lasts, 30s to 1h (default: 5m)', ttl, lifetime.default)
    .action((wanted: Wanted, command: Command) =>
      execute(command, async ({ target, operator, output }) => {
        const minted = await mintToken(target, await operator(), wanted);
        output.result(minted, () =>
          properties([
            ['token', minted.token],
            ['expires', new Date(minted.expiresAt * 1000).toISOString()],
            ['scopes', minted.scopes.join(' ')],
          ]),
        );
      }),
    );

  tokens
    .command('inspect')
    .description('Say what a token claims, whether it verifies, and whether it is revoked.')
    .argument('<jwt>', 'the token; - reads standard input, which keeps it out of the list of processes')
    .action((given: string, _: object, command: Command) =>
      execute(command, async ({ target, operator, output, readInput }) => {
        const token = (given === '-' ? await readInput() : given).trim();
        const inspected = await inspectToken(target, await operator(), token);
        output.result(inspected, () => told(inspected));
        return inspected.verified && inspected.revoked !== true;
      }),
    );

  tokens
    .command('revoke')
    .description('Refuse a token, or all that were issued until now.')
    .argument('[jti]', 'id of the token, not the token')
    .option('--user <email|id>', 'everything issued to this user, sessions and API keys too')
    .option('--organization <slug>', 'everything issued for this organization, sessions and API keys too')
    .option('--installation <organization/extension>', 'tokens of this extension there')
    .allowUnknownOption()
    .action((jti: string | undefined, whose: Whose, command: Command) => {
      checkWhose(jti, whose);
      return execute(command, async ({ operator, output }) => {
        const { consequence, ...revoked } = await revokeTokens(await operator(), jti, whose);
        output.progress(`Refused from now on, within REVOCATION_TTL_SECONDS (5). ${consequence}`);
        output.result(revoked, () => `${revoked.revoked} ${revoked.name} is revoked.`);
      });
    });
}

function scope(value: string, before: readonly string[]): readonly string[] {
  if (!isScope(value))
    throw new InvalidArgumentError('A scope is resource:action or resource:action:entity.');
  return [...before, value];
}

function ttl(text: string): number {
  const milliseconds = positiveDuration(text);
  const { shortest, longest } = lifetime;
  if (milliseconds < shortest || milliseconds > longest || milliseconds % 1000 !== 0)
    throw new InvalidArgumentError('A token lasts whole seconds, 30s to 1h.');
  return milliseconds;
}

/** Claims are escaped: they may be anybody's, and a terminal obeys control characters. */
const told = ({ verified, reason, key, revoked, says }: Inspected): string =>
  properties([
    ['verified', verified ? 'yes' : 'no: nothing that it says may be trusted'],
    ['refused', reason],
    ['key', key],
    ['revoked', revoked === undefined ? undefined : revoked ? 'yes' : 'no'],
    ['says', says && escaped(JSON.stringify(says))],
  ]);

const escaped = (text: string): string =>
  text.replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
