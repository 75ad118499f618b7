import { Argument, type Command } from 'commander';
import type { SecretKind } from '../../../lambda/runtime/config.ts';
import { revocations } from '../../../lambda/store/revocations.ts';
import type { Execute, Setting } from '../command.ts';
import { positiveDuration } from '../duration.ts';
import { properties, table } from '../output.ts';
import { revokeSigningKey, type RevokedKid } from './revoke.ts';
import { rotateSecret } from './rotate.ts';
import { kinds, secretOf, type Secret } from './secret.ts';
import { statusOf, type SecretStatus } from './status.ts';

/** Milliseconds: four invocations, each of which may start cold and be tried again. */
const patience = 120_000;

export function secretCommands(program: Command, execute: Execute): void {
  const secrets = program.command('secrets').description('Signing keys: status, rotate, revoke');

  secrets
    .command('status')
    .description('Say what the rings hold, by names and times, and what is wrong with them.')
    .action((_: object, command: Command) =>
      execute(command, async (setting) => {
        const { isKeyRevoked } = revocations((await setting.operator()).table, 0, setting.clock);
        const status = await statusOf(both(setting), isKeyRevoked, setting.clock);
        for (const warning of status.warnings) setting.output.progress(`Warning: ${warning}`);
        setting.output.result(status, () => status.secrets.map(told).join('\n\n'));
        return status.warnings.length === 0;
      }),
    );

  secrets
    .command('rotate')
    .description('Add a key that signs once every process has seen it. Nobody is logged out.')
    .addArgument(new Argument('<secret>').choices(kinds))
    .option('--timeout <duration>', 'how long to wait for it (default: 2m)', positiveDuration, patience)
    .action((kind: SecretKind, { timeout }: { readonly timeout: number }, command: Command) =>
      execute(command, async ({ target: { config, secretsManager }, output }) => {
        const secret = secretOf(kind, config, secretsManager);
        const rotated = await rotateSecret(secret, timeout, output.progress);
        output.result(rotated, () =>
          properties([
            ['secret', rotated.secret],
            ['version', rotated.version],
            ['next key', rotated.next.kid],
            ['signs from', rotated.next.signFrom],
          ]),
        );
      }),
    );

  secrets
    .command('revoke')
    .description('Refuse for good whatever a key signed, at once. Logs out whoever depends on it.')
    .argument('<kid>', 'name of the key: secrets status lists them')
    .allowUnknownOption()
    .action((kid: string, _: object, command: Command) =>
      execute(command, async (setting) => {
        const { target, output } = setting;
        const revoked = await revokeSigningKey(await setting.operator(), target.config, both(setting), kid);
        for (const line of consequences(revoked)) output.progress(line);
        output.result(revoked, () => `${kid} is revoked.`);
      }),
    );
}

const both = ({ target: { config, secretsManager } }: Setting): readonly Secret[] =>
  kinds.map((kind) => secretOf(kind, config, secretsManager));

const broken: Readonly<Record<SecretKind, string>> = {
  'extension-token': 'Extension tokens of this key are refused; extensions get new ones from the issuer.',
  'better-auth': 'Whoever has a session cookie of this key is logged out, and signs in anew.',
};

function consequences({ secrets }: RevokedKid): readonly string[] {
  if (secrets.length === 0) return ['No ring has it any more. It stays revoked.'];
  return secrets.flatMap(({ secret, signed, signer }) => [
    `Within REVOCATION_TTL_SECONDS (5): ${broken[secret]}`,
    signed ? `${signer} signs from now on.` : `${signer} goes on signing.`,
  ]);
}

function told({ secret, version, keys, versions }: SecretStatus): string {
  const rows = keys.map(({ kid, state, signFrom, age, verifyUntil }) => [
    kid,
    state,
    signFrom,
    age === undefined ? 'from before rings' : `${age} s`,
    verifyUntil ?? 'until a rotation says',
  ]);
  return [
    `${secret}, version ${version}`,
    table(['kid', 'state', 'signs from', 'age', 'verifies until'], rows),
    table(
      ['version', 'stages', 'created'],
      versions.map(({ id, stages, createdAt }) => [id, stages.join(' '), createdAt ?? '']),
    ),
  ].join('\n');
}
