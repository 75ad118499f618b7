import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { installationStore } from '../../lambda/extensions/installation-store.ts';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { createAuth, type Auth } from '../../lambda/identity/auth.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { facts } from '../../lambda/store/facts.ts';
import { identityTable } from '../../lambda/store/identity-table.ts';
import { digest } from '../../lambda/store/keys.ts';
import { environment } from './environment.ts';
import * as world from './world.ts';

const at = { createdAt: new Date(world.epoch), updatedAt: new Date(world.epoch) };
const { id: userId } = world.user;
const { id: organizationId } = world.organization;

/** Rows by model, owners first: the adapter refuses what belongs to nobody. */
const rows: readonly (readonly [model: string, row: Readonly<Record<string, unknown>> & { id: string }])[] = [
  ['user', { ...world.user, emailVerified: true, ...at }],
  ['organization', { ...world.organization, createdAt: at.createdAt }],
  ['organization', { ...world.foreign, createdAt: at.createdAt }],
  ['member', { ...world.member, userId, organizationId, createdAt: at.createdAt }],
  [
    'session',
    {
      ...world.session,
      userId,
      activeOrganizationId: organizationId,
      activeOrganizationSlug: world.organization.slug,
      expiresAt: new Date(world.distant),
      ...at,
    },
  ],
  [
    'apikey',
    {
      id: world.apiKey.id,
      configId: 'default',
      name: 'events',
      key: digest(world.apiKey.text),
      referenceId: userId,
      enabled: true,
      rateLimitEnabled: false,
      requestCount: 0,
      ...at,
    },
  ],
];

/**
 * Writes the world of the events into an identity table, through Better Auth's own adapter: rows, pointers and
 * edges lie as identity writes them. What is there already stays.
 */
export async function seed(client: DynamoDBClient, tableName: string): Promise<void> {
  const table = identityTable(client, tableName, (call) => call());
  const auth = createAuth({
    config: readConfig({ ...environment, AUTH_TABLE_NAME: tableName }),
    database: dynamodbAdapter({ client, tableName, layout: identityLayout }),
    facts: facts(table, 0, Date.now),
    removeInstallations: async () => {},
    secret: environment.BETTER_AUTH_SECRET,
  });
  const { adapter } = await auth.$context;
  for (const [model, row] of rows) await ensure(adapter, model, row);
  const { id: extensionId, ...installation } = world.extension;
  await installationStore(client, tableName, (call) => call()).put(
    organizationId,
    { extensionId, ...installation, enabled: true },
    world.epoch,
  );
}

type Adapter = Awaited<Auth['$context']>['adapter'];

async function ensure(adapter: Adapter, model: string, row: { readonly id: string }): Promise<void> {
  const known = await adapter.findOne({ model, where: [{ field: 'id', value: row.id }] });
  if (!known) await adapter.create({ model, data: row, forceAllowId: true });
}
