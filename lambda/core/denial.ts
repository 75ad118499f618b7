import type { Deny } from './model.ts';

/**
 * Every reason for a refusal. `class` decides the answer: `unauthenticated` is 401 (we do not know who you
 * are), `forbidden` is 403 (we do, and you may not). `description` is public: it may reach a client.
 */
export const denials = {
  credential_missing: ['unauthenticated', 'The request carries no credential.'],
  credential_ambiguous: ['unauthenticated', 'The request carries more than one credential.'],
  credential_malformed: ['unauthenticated', 'The credential is not well formed.'],
  credential_unknown: ['unauthenticated', 'The credential is not known.'],
  credential_expired: ['unauthenticated', 'The credential has expired.'],
  credential_disabled: ['unauthenticated', 'The credential is disabled.'],
  credential_revoked: ['unauthenticated', 'The credential has been revoked.'],
  signature_invalid: ['unauthenticated', 'The signature of the credential is not valid.'],
  claims_invalid: ['unauthenticated', 'The claims of the token are not valid.'],
  organization_missing: ['forbidden', 'The caller belongs to no organization.'],
  organization_ambiguous: ['forbidden', 'The x-tenant-id header must name exactly one organization.'],
  organization_forbidden: ['forbidden', 'The caller may not act in this organization.'],
  organization_mismatch: ['forbidden', 'The credential belongs to another organization.'],
  scope_insufficient: ['forbidden', 'The credential lacks the scope this route requires.'],
  credential_kind_not_accepted: ['forbidden', 'This route does not accept this kind of credential.'],
  route_unlisted: ['forbidden', 'There is no such route.'],
  origin_untrusted: ['forbidden', 'The origin of the request is not trusted.'],
  address_not_allowed: ['forbidden', 'The credential may not be used from this address.'],
  rate_limited: ['forbidden', 'The credential has reached its rate limit.'],
  quota_exhausted: ['forbidden', 'The credential has no uses left.'],
  installation_inactive: ['forbidden', 'The extension is not active in this organization.'],
} as const satisfies Record<string, readonly [DenialClass, string]>;

export type DenialClass = 'unauthenticated' | 'forbidden';
export type DenialReason = keyof typeof denials;

export const denialClass = (reason: DenialReason): DenialClass => denials[reason][0];
export const denialDescription = (reason: DenialReason): string => denials[reason][1];

export const deny = (reason: DenialReason): Deny<DenialReason> => ({ effect: 'deny', reason });
