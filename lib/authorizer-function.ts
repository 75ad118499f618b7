import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type * as handlers from '../lambda/authorizer/handler.ts';
import type { IdentityTable, Partition } from './identity-table.ts';
import type { KeyRingSecret } from './key-ring-secret.ts';
import { RuntimeFunction } from './runtime-function.ts';
import type { StageConfig } from './stage.ts';

export interface AuthorizerFunctionProps {
  readonly stage: StageConfig;
  readonly identityTable: IdentityTable;
  readonly extensionTokenKeys: KeyRingSecret;
  readonly betterAuthKeys: KeyRingSecret;
}

/** All that a decision is made from. */
const reads: readonly Partition[] = [
  'session#*',
  'apikey#*',
  'apikey.id#*',
  'organization#*',
  'organization.slug#*',
  'member.userId#*',
  'member.userId.createdAt#*',
  'member.userId.createdAt.placed#*',
  'installation#*',
  'revocation#*',
];

/** What counting a use of a key changes or compares (lambda/store/key-use-write.ts). */
const counted = [
  'pk',
  'sk',
  'remaining',
  'refillAmount',
  'refillInterval',
  'lastRefillAt',
  'rateLimitMax',
  'rateLimitTimeWindow',
  'requestCount',
  'lastRequest',
  'likelyOrganizationId',
  'likelyMark',
];

/**
 * The authorizer's function for one surface, called `<id>Authorizer`: the one bundle, another export. It reads
 * identities and both key rings, and counts the uses of API keys. Its role names no other attribute of a key and
 * no other row, so no bug in it can give anybody a scope, an organization or a longer life.
 *
 * @param surface the export of the bundle that talks as this surface
 * @param asks who asks, for the description
 */
export function authorizerFunction(
  scope: Construct,
  id: string,
  surface: keyof typeof handlers,
  asks: string,
  { stage, identityTable, extensionTokenKeys, betterAuthKeys }: AuthorizerFunctionProps,
): RuntimeFunction {
  const authorizer = new RuntimeFunction(scope, id, {
    stage,
    logicalId: `${id}Authorizer`,
    entry: 'lambda/authorizer/handler.ts',
    handler: surface,
    description: `Who is this, in which organization, and may they call this route? (${asks})`,
    environment: {
      AUTH_TABLE_NAME: identityTable.table.tableName,
      EXTENSION_TOKEN_SECRET_ARN: extensionTokenKeys.secret.secretArn,
      BETTER_AUTH_SECRET_ARN: betterAuthKeys.secret.secretArn,
    },
    // Every request of the CRM waits for it. One whole processor: with less a cold start takes longer and costs more
    // (docs/benchmarks.md, "The memory setting").
    memorySize: 1769,
    // Its own deadline is 1.5 s; this only ends a process that hangs.
    timeout: Duration.seconds(5),
  });
  identityTable.grantRead(authorizer, reads);
  identityTable.grantUpdate(authorizer, ['apikey#*'], counted);
  extensionTokenKeys.grantRead(authorizer);
  betterAuthKeys.grantRead(authorizer);
  return authorizer;
}
