import { scopesOfRole, allows } from '../../../lambda/core/scopes.ts';
import { denialDescription } from '../../../lambda/core/denial.ts';
import { unkept } from '../../../lambda/core/lease.ts';
import { grantable } from '../../../lambda/extensions/grantable.ts';
import { mint } from '../../../lambda/extensions/mint.ts';
import { breaker } from '../../../lambda/runtime/breaker.ts';
import { secretSource } from '../../../lambda/secrets/secret-source.ts';
import { fetchSecret } from '../../../lambda/secrets/secrets-manager.ts';
import { signer } from '../../../lambda/secrets/signer.ts';
import { facts } from '../../../lambda/store/facts.ts';
import { revocations } from '../../../lambda/store/revocations.ts';
import { CommandFailure } from '../failure.ts';
import { findOrganization, findUser } from '../keys/owner.ts';
import type { Operator } from '../operator.ts';
import type { Target } from '../target.ts';

export interface Wanted {
  readonly user: string;
  readonly organization: string;
  readonly extension: string;
  readonly scope: readonly string[];
  /** Milliseconds. */
  readonly ttl: number;
}

/** Signs with the key that signs now, as the issuer would. */
export function tokenSigner({ config, secretsManager }: Target, { table, clock }: Operator) {
  const guard = breaker('secret', 'Secrets Manager', clock);
  const source = secretSource(
    fetchSecret(() => secretsManager, config.extensionTokenSecret, guard),
    // Fetched once: the process ends with the command.
    { ttl: 60_000, stale: 0 },
    clock,
  );
  return signer(source, revocations(table, 0, clock).isKeyRevoked, clock);
}

/**
 * A token as the issuer would give it to this user: of an enabled installation, with no more than it was granted
 * and the user's role gives. It does not count towards the user's tokens a minute.
 *
 * @throws {CommandFailure} `not_found`, `refused`
 */
export async function mintToken(target: Target, operator: Operator, wanted: Wanted) {
  const { id: userId } = await findUser(operator, wanted.user);
  const { id: organizationId } = await findOrganization(operator, wanted.organization);
  const known = facts(operator.table, 0, operator.clock);
  const [membership, installation] = await Promise.all([
    known.membership(userId, organizationId, unkept),
    known.installation(organizationId, wanted.extension, unkept),
  ]);
  if (!membership) throw new CommandFailure('refused', 'The user is not in this organization.');
  const role = scopesOfRole(membership.role);
  // What the issuer's route requires.
  if (!allows(role, 'extensions:use'))
    throw new CommandFailure('refused', "The user's role may not use extensions.");
  if (!installation?.enabled) throw new CommandFailure('refused', denialDescription('installation_inactive'));
  const asked = wanted.scope.length === 0 ? undefined : wanted.scope;
  const granted = grantable(installation.scopes, role, asked);
  if ('error' in granted) throw new CommandFailure('refused', granted.message);
  const { key } = await tokenSigner(target, operator)();
  const { token, expiresAt } = await mint(
    { userId, organizationId, extensionId: wanted.extension, scopes: granted.scopes },
    key,
    { issuer: target.config.issuer, lifetime: wanted.ttl / 1000, now: operator.clock() },
  );
  return { token, expiresAt, scopes: granted.scopes };
}
