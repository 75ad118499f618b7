import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { clockSkew, longestLifetime } from '../../lambda/credentials/extension-claims.ts';
import { revocationKey } from '../../lambda/store/keys.ts';
import { CommandFailure } from './failure.ts';
import type { Operator } from './operator.ts';

/** Where revocations are written: no Better Auth is needed for that, and no secret. */
export type Revoker = Pick<Operator, 'client' | 'tableName' | 'clock'>;

/** Revokes a signing key for good: the item never leaves, or a ring that still holds the key would bring it back. */
export const revokeKid = (by: Revoker, kid: string): Promise<void> =>
  write(by, revocationKey('kid', kid), {});

/** Revokes one token. The item may go once no token of its age is accepted any more. */
export const revokeJti = (by: Revoker, jti: string): Promise<void> =>
  write(by, revocationKey('jti', jti), {
    // Issued at most a skew ahead of now, accepted a skew beyond its end.
    ttl: Math.ceil(by.clock() / 1000) + longestLifetime + 2 * clockSkew,
  });

/** Seconds for which a process may not have heard of a revocation: the published limit of REVOCATION_TTL_SECONDS. */
const bound = 5;

/**
 * Revokes what was issued up to now, and what is issued before every process has heard of it: until then, who has a
 * stolen session could have a token minted, or make a key, that would outlive it. A second more, since moments of
 * issue are whole seconds.
 *
 * @returns the moment from which new ones are accepted, epoch seconds
 */
export async function revokeIssued(
  by: Revoker,
  kind: 'installation' | 'user' | 'organization',
  name: string,
): Promise<number> {
  const minIssuedAt = Math.floor(by.clock() / 1000) + 1 + bound;
  await write(by, revocationKey(kind, name), { minIssuedAt });
  return minIssuedAt;
}

/**
 * A moment only grows, and what is revoked for good stays so: an operator whose clock is behind, or a repeated
 * command, would otherwise make accepted again what another had revoked.
 */
async function write(
  { client, tableName, clock }: Revoker,
  key: ReturnType<typeof revocationKey>,
  item: Readonly<Record<string, number>>,
): Promise<void> {
  const fields = Object.entries({ ...item, revokedAt: new Date(clock()).toISOString() });
  const grows = 'minIssuedAt' in item ? ' OR minIssuedAt < :minIssuedAt' : '';
  const command = new UpdateItemCommand({
    TableName: tableName,
    Key: marshall(key),
    UpdateExpression: `SET ${fields.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    ConditionExpression: `attribute_not_exists(pk)${grows}`,
    ExpressionAttributeNames: Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: marshall(
      Object.fromEntries(fields.map(([name, value]) => [`:${name}`, value])),
    ),
  });
  try {
    await client.send(command);
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return;
    throw new CommandFailure(
      'unavailable',
      'DynamoDB did not take the revocation: nothing is revoked. Repeat.',
      {
        cause,
      },
    );
  }
}
