import { installationKey, installationName } from '../../../lambda/store/keys.ts';
import { CommandFailure } from '../failure.ts';
import { findOrganization, findUser } from '../keys/owner.ts';
import { oneOf } from '../one-of.ts';
import type { Operator } from '../operator.ts';
import { revokeIssued, revokeJti } from '../revocation.ts';

export interface Whose {
  readonly user?: string;
  readonly organization?: string;
  readonly installation?: string;
}

export interface Revoked {
  readonly revoked: 'token' | 'user' | 'organization' | 'installation';
  readonly name: string;
  /** Epoch seconds from which new ones are accepted. */
  readonly minIssuedAt?: number;
  /** What else this ends, for the operator to know. */
  readonly consequence: string;
}

/** As they are in our tokens (extension-claims.ts), and as the authorizer names those of before. */
const jtiPattern = /^[A-Za-z0-9_-]{22,128}$/;

/** @throws {CommandFailure} `usage` unless exactly one is named, which is quoted nowhere: it may be a token */
export function checkWhose(jti: string | undefined, { user, organization, installation }: Whose): void {
  oneOf('a jti, --user, --organization or --installation', [jti, user, organization, installation]);
  if (jti !== undefined && !jtiPattern.test(jti))
    throw new CommandFailure('usage', 'A jti is not the token itself: tokens inspect shows it.');
}

/** Revokes tokens; they are refused once revocations are read again (REVOCATION_TTL_SECONDS). Safe to repeat. */
export async function revokeTokens(
  operator: Operator,
  jti: string | undefined,
  { user, organization, installation }: Whose,
): Promise<Revoked> {
  if (jti !== undefined) {
    await revokeJti(operator, jti);
    return { revoked: 'token', name: jti, consequence: 'This token alone.' };
  }
  if (user !== undefined) {
    const { id } = await findUser(operator, user);
    const minIssuedAt = await revokeIssued(operator, 'user', id);
    const consequence = 'Everything of the user from before: sessions and API keys as well as tokens.';
    return { revoked: 'user', name: id, minIssuedAt, consequence };
  }
  if (organization !== undefined) {
    const { id } = await findOrganization(operator, organization);
    const minIssuedAt = await revokeIssued(operator, 'organization', id);
    const consequence =
      'Everything from before in this organization: sessions and API keys as well as tokens.';
    return { revoked: 'organization', name: id, minIssuedAt, consequence };
  }
  return revokeInstallation(operator, installation ?? '');
}

async function revokeInstallation(operator: Operator, given: string): Promise<Revoked> {
  const [organization = '', extensionId = '', ...rest] = given.split('/');
  if (organization === '' || extensionId === '' || rest.length > 0)
    throw new CommandFailure('usage', 'An installation is <organization>/<extension>.');
  const { id } = await findOrganization(operator, organization);
  // A name that is misspelt would revoke nothing, and say it had.
  if (!(await operator.table.get(installationKey(id, extensionId))))
    throw new CommandFailure('not_found', 'This extension is not installed there: none of its tokens works.');
  const name = installationName(id, extensionId);
  const minIssuedAt = await revokeIssued(operator, 'installation', name);
  const consequence = 'The tokens of this extension from before, in this organization. It gets new ones.';
  return { revoked: 'installation', name, minIssuedAt, consequence };
}
