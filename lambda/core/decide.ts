import { authorize, callerOf } from './authorize.ts';
import { classify, type SessionCookieNames } from './classify.ts';
import type { DenialReason } from './denial.ts';
import type {
  AccessRequest,
  Allow,
  Credential,
  CredentialKind,
  Deny,
  Principal,
  Scope,
  Tenancy,
} from './model.ts';
import { requestedTenant } from './organization.ts';
import type { OriginMatcher } from './origin.ts';
import type { RouteTable } from './route-table.ts';

export type Decision = Allow | Deny<DenialReason>;
export type Refusable<T> = T | Deny<DenialReason>;

/** What must still be true of a credential whose signature holds, beyond the signature. */
export interface Standing {
  /** What an installation granted; a limit on the credential's scopes. */
  readonly grant?: readonly Scope[];
}

export interface Authenticated {
  readonly principal: Principal;
  /**
   * Already being read when the authenticator returns, so that it shares one round trip with the reads of
   * the organization. Absent: there is nothing more to know.
   */
  readonly standing?: Promise<Refusable<Standing>>;
}

/** @param sourceAddress of the request, where the surface knows it */
export type Authenticate<Kind extends CredentialKind> = (
  credential: Extract<Credential, { kind: Kind }>,
  now: number,
  sourceAddress?: string,
) => Promise<Refusable<Authenticated>>;

/** What a decision needs from outside: one authenticator per kind (a total map), and the organizations. */
export interface Authority {
  readonly cookieNames: SessionCookieNames;
  readonly table: RouteTable;
  readonly trusted: OriginMatcher;
  readonly authenticate: { readonly [Kind in CredentialKind]: Authenticate<Kind> };
  /** Has an operator revoked this credential, the key it was signed with, or all of its owner's? */
  readonly refuseRevoked: (principal: Principal) => Promise<Deny<DenialReason> | undefined>;
  readonly resolveOrganization: (
    principal: Principal,
    tenant: string | undefined,
    now: number,
  ) => Promise<Refusable<Tenancy>>;
}

/**
 * The whole decision: classify → authenticate → resolve the organization → authorize.
 *
 * @param now epoch milliseconds
 * @throws {Fault} when a dependency cannot answer; a refusal is returned, never thrown
 */
export async function decide(authority: Authority, request: AccessRequest, now: number): Promise<Decision> {
  const credential = classify(request, authority.cookieNames);
  if ('effect' in credential) return credential;
  const decision = await decideFor(authority, credential, request, now);
  return decision.effect === 'allow' ? decision : { ...decision, credentialKind: credential.kind };
}

async function decideFor(
  authority: Authority,
  credential: Credential,
  request: AccessRequest,
  now: number,
): Promise<Decision> {
  const authenticated = await authenticate(authority, credential, request, now);
  if ('effect' in authenticated) return authenticated;
  const { principal, standing } = authenticated;

  const tenant = requestedTenant(request);
  const [revoked, stands, tenancy] = await Promise.all([
    authority.refuseRevoked(principal),
    standing ?? unlimited,
    typeof tenant === 'object' ? tenant : authority.resolveOrganization(principal, tenant, now),
  ]);
  if (revoked) return { ...revoked, principal };
  // A credential that no longer stands is told so, whatever organization it asked for.
  if ('effect' in stands) return { ...stands, principal };
  if ('effect' in tenancy) return { ...tenancy, principal };

  const who = callerOf(principal, tenancy, stands.grant);
  const decision = authorize(who, request, authority.table, authority.trusted);
  if (decision.effect === 'allow') return decision;
  return { ...decision, principal, organization: tenancy.organization };
}

const unlimited: Standing = {};

/** One authenticator per kind: the map's type makes a new kind a compile error until it has its own. */
function authenticate(
  { authenticate: by }: Authority,
  credential: Credential,
  { sourceAddress }: AccessRequest,
  now: number,
): Promise<Refusable<Authenticated>> {
  switch (credential.kind) {
    case 'api_key':
      return by.api_key(credential, now, sourceAddress);
    case 'session':
      return by.session(credential, now, sourceAddress);
    case 'extension_token':
      return by.extension_token(credential, now, sourceAddress);
  }
}
