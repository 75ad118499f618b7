import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { unkept } from '../../../lambda/core/lease.ts';
import { allows } from '../../../lambda/core/scopes.ts';
import { facts } from '../../../lambda/store/facts.ts';
import type { Rate } from '../duration.ts';
import { CommandFailure } from '../failure.ts';
import type { Operator } from '../operator.ts';
import { discard, draftKey, finishing, type Guards } from './draft.ts';
import { findOrganization, findUser, organizationsOf } from './owner.ts';
import { permissionsOf } from './scopes.ts';

export interface NewKey {
  /** E-mail address or id. */
  readonly user?: string;
  /** Slug or id. */
  readonly ownerOrganization?: string;
  readonly name: string;
  /** Slugs or ids; none: all of the user's. */
  readonly organization?: readonly string[];
  /** None: all that the user's role gives. */
  readonly scope?: readonly string[];
  readonly remaining?: number;
  readonly rate?: Rate;
  readonly refill?: Rate;
  /** Milliseconds. */
  readonly expiresIn?: number;
  /** Addresses and CIDR blocks. */
  readonly allowIp?: readonly string[];
}

export interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly owner: string;
  readonly scopes: readonly string[] | null;
  readonly expiresAt?: string;
}

/**
 * Makes a key. Everything is checked before anything is written.
 *
 * @throws {CommandFailure}
 */
export async function createKey(operator: Operator, wanted: NewKey): Promise<CreatedKey> {
  const { scope = [], refill, rate, expiresIn } = wanted;
  const permissions = scope.length === 0 ? null : permissionsOf(scope);
  const { owner, allowedOrganizations } = await ownerOf(operator, wanted);
  const expiresAt = expiresIn === undefined ? undefined : new Date(operator.clock() + expiresIn);
  const draft = await draftKey(operator, {
    name: wanted.name,
    referenceId: owner.id,
    enabled: true,
    expiresAt: expiresAt ?? null,
    permissions: permissions && JSON.stringify(permissions),
    metadata: null,
    remaining: wanted.remaining ?? refill?.count ?? null,
    refillAmount: refill?.count ?? null,
    refillInterval: refill?.per ?? null,
    lastRefillAt: null,
    rateLimitEnabled: rate !== undefined,
    rateLimitMax: rate?.count ?? null,
    rateLimitTimeWindow: rate?.per ?? null,
  });
  const guards: Guards = {
    ...(allowedOrganizations ? { allowedOrganizations } : {}),
    ...(wanted.allowIp?.length ? { allowedAddresses: [...new Set(wanted.allowIp)] } : {}),
    // The owner may take `expiresAt` away; this stays.
    ...(expiresAt ? { notAfter: expiresAt.toISOString() } : {}),
  };
  const likely =
    owner.kind === 'user' ? await likelyOrganization(operator, owner.id, allowedOrganizations) : {};
  const configId = owner.kind === 'user' ? 'default' : 'organization';
  try {
    await operator.client.send(
      new UpdateItemCommand(finishing(operator, draft, configId, { ...guards, ...likely })),
    );
  } catch (cause) {
    await discard(operator, draft);
    throw cause;
  }
  return {
    id: draft.id,
    key: draft.key,
    name: wanted.name,
    owner: `${owner.kind}:${owner.id}`,
    scopes: permissions && [...new Set(scope)],
    ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
  };
}

/** Where the key will act when no organization is asked for: noted, so that its first use is as fast as any. */
async function likelyOrganization({ table, clock }: Operator, userId: string, among?: readonly string[]) {
  const first = await facts(table, 0, clock).firstMembership(userId, unkept, among, {});
  if (!first) return {};
  const { organization, mark } = first;
  return { likelyOrganizationId: organization.id, ...(mark === undefined ? {} : { likelyMark: mark }) };
}

async function ownerOf(operator: Operator, wanted: NewKey) {
  const { user, ownerOrganization, organization = [], scope = [] } = wanted;
  if ((user === undefined) === (ownerOrganization === undefined)) {
    throw new CommandFailure('usage', 'Name the owner: either --user or --owner-organization.');
  }
  if (user !== undefined) {
    const owner = await findUser(operator, user);
    const allowed =
      organization.length === 0 ? undefined : await organizationsOf(operator, owner, organization);
    return { owner, allowedOrganizations: allowed };
  }
  if (organization.length > 0) {
    throw new CommandFailure(
      'usage',
      "An organization's key acts in that organization alone: leave --organization out.",
    );
  }
  // It would be cut at every decision; whoever asks for it should know now.
  if (allows(scope, 'extensions:manage')) {
    throw new CommandFailure('refused', "An organization's key never manages extensions.");
  }
  const { id } = await findOrganization(operator, ownerOrganization ?? '');
  return { owner: { kind: 'organization', id } as const, allowedOrganizations: undefined };
}
