import { denialClass } from '../core/denial.ts';
import type { Decision } from '../core/decide.ts';
import type { Allow, Principal } from '../core/model.ts';
import { trustedOrigin } from '../core/origin.ts';
import type { Rendering } from './surface.ts';

/** Only scalars: API Gateway answers 500 to anything else. Never a credential, never a member named `claims`. */
export type Context = Readonly<Record<string, string | number | boolean>>;

export const principalId = ({ owner }: Principal): string => `${owner.kind}:${owner.id}`;

/** What the endpoint behind the gateway is told. */
export function allowContext({ principal, organization, role, scopes }: Allow): Context {
  const { owner, credentialKind, credentialId, expiresAt, extensionId } = principal;
  const context: Record<string, string | number> = {
    organizationId: organization.id,
    organizationSlug: organization.slug,
    credentialKind,
    credentialId,
    scopes: scopes.join(' '),
  };
  if (owner.kind === 'user') context['userId'] = owner.id;
  if (role !== undefined) context['role'] = role;
  if (expiresAt !== undefined) context['expiresAt'] = expiresAt;
  if (extensionId !== undefined) context['extensionId'] = extensionId;
  return context;
}

/**
 * What a refusal tells the gateway: the reason, and the origin the gateway may echo so that a page that is
 * trusted can read the refusal.
 */
export function denyContext(decision: Extract<Decision, { effect: 'deny' }>, rendering: Rendering): Context {
  const allowOrigin = trustedOrigin(rendering.request, rendering.trusted);
  return { reason: decision.reason, ...(allowOrigin === undefined ? {} : { allowOrigin }) };
}

export const isUnauthenticated = (decision: Decision): boolean =>
  decision.effect === 'deny' && denialClass(decision.reason) === 'unauthenticated';
