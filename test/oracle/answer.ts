import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import type { TestAuthorizer } from '../support/authorizer.ts';
import type { Sent } from '../support/event.ts';
import { decisionOf } from '../support/patient.ts';

/** What the authorizer says of one request: `allow` or a reason, and as whom it let somebody in. */
export interface Answer {
  readonly outcome: string;
  readonly id?: string;
  readonly ownerId?: string;
  readonly organizationId?: string;
}

export async function answerOf(
  by: MeteredAuthority,
  world: TestAuthorizer,
  sent: Partial<Sent>,
): Promise<Answer> {
  const decision = await decisionOf(by, world, sent);
  if (decision.effect === 'deny') return { outcome: decision.reason };
  const { principal, organization } = decision;
  return {
    outcome: 'allow',
    id: principal.credentialId,
    ownerId: principal.owner.id,
    organizationId: organization.id,
  };
}
