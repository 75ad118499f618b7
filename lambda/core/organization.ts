import { deny, type DenialReason } from './denial.ts';
import type { AccessRequest, Deny } from './model.ts';
import { trimmed } from './white-space.ts';

/** Slug of an organization: 1–63 characters, a DNS label in lower case. */
export const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Better Auth's ids: 32 letters and digits. A UUID is an id as well. */
const idPattern = /^[A-Za-z0-9]{32}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Every id and slug this deployment can make. */
const namePattern = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Stands for every name no organization can have, so that such a request causes exactly the reads of one for
 * an unknown organization, and no client-chosen text of any length becomes a key.
 */
const nowhere = '!';

/**
 * May an organization take this slug? One that looks like an id could be chosen to equal somebody else's,
 * and `x-tenant-id: <slug or id>` would then name two tenants.
 */
export const isAcceptableSlug = (slug: string): boolean => slugPattern.test(slug) && !idPattern.test(slug);

/**
 * The organization the caller asks for in `x-tenant-id`; `undefined` when the header is absent.
 * Only a selection among the caller's own memberships: the header alone never selects a tenant.
 */
export function requestedTenant(request: AccessRequest): string | undefined | Deny<DenialReason> {
  const values = request.headers.get('x-tenant-id');
  if (!values) return undefined;
  const [value, ...others] = new Set(values.map(trimmed));
  // Two proxies that disagree on which of two values counts would act in two tenants.
  if (value === undefined || value === '' || others.length > 0 || value.includes(',')) {
    return deny('organization_ambiguous');
  }
  return namePattern.test(value) ? value : nowhere;
}
