import { authorize, callerOf } from './authorize.ts';
import { after, afterAll, type Awaitable } from './awaitable.ts';
import { classify, type SessionCookieNames } from './classify.ts';
import type { DenialReason } from './denial.ts';
import { lease, type Lease } from './lease.ts';
import type {
  AccessRequest,
  Allow,
  Caller,
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
  /** Who it is by now, if that is not who it was when its organization was begun to be asked for. */
  readonly principal?: Principal;
}

export interface Authenticated {
  readonly principal: Principal;
  /**
   * Already being read when the authenticator returns, so that it shares one round trip with the reads of
   * the organization. Absent: there is nothing more to know.
   */
  readonly standing?: Awaitable<Refusable<Standing>>;
  /** Told where it acts when no organization was asked for, to read ahead by the next time. */
  readonly acts?: (tenancy: Tenancy) => void;
}

/**
 * @param until told of every fact and every moment the answer depends on, but for the principal's own `expiresAt`
 * @param sourceAddress of the request, where the surface knows it
 */
export type Authenticate<Kind extends CredentialKind> = (
  credential: Extract<Credential, { kind: Kind }>,
  now: number,
  until: Lease,
  sourceAddress?: string,
) => Awaitable<Refusable<Authenticated>>;

/**
 * Who presented the same credential for the same organization a moment ago. Nothing about the route is
 * remembered, and no refusal: what was just created or granted is seen at once.
 */
export interface Callers {
  readonly recall: (credential: Credential, tenant: string | undefined, now: number) => Caller | undefined;
  /** @param end of all that the caller was made from, epoch milliseconds */
  readonly remember: (
    credential: Credential,
    tenant: string | undefined,
    caller: Caller,
    end: number,
    now: number,
  ) => void;
}

/** What a decision needs from outside: one authenticator per kind (a total map), and the organizations. */
export interface Authority {
  readonly cookieNames: SessionCookieNames;
  readonly table: RouteTable;
  readonly trusted: OriginMatcher;
  readonly authenticate: { readonly [Kind in CredentialKind]: Authenticate<Kind> };
  /** Has an operator revoked this credential, the key it was signed with, or all of its owner's? */
  readonly refuseRevoked: (principal: Principal, until: Lease) => Awaitable<Deny<DenialReason> | undefined>;
  readonly resolveOrganization: (
    principal: Principal,
    tenant: string | undefined,
    until: Lease,
  ) => Awaitable<Refusable<Tenancy>>;
  readonly callers: Callers;
}

/**
 * The whole decision: classify → authenticate → resolve the organization → authorize. At once where nothing has to
 * be asked: a request without a good credential's form, or of a caller who is remembered.
 *
 * @param now epoch milliseconds
 * @throws {Fault} (or rejects with one) when a dependency cannot answer; a refusal is returned, never thrown
 */
export function decide(authority: Authority, request: AccessRequest, now: number): Awaitable<Decision> {
  const credential = classify(request, authority.cookieNames);
  if ('effect' in credential) return credential;
  const tenant = requestedTenant(request);
  const known = typeof tenant === 'object' ? undefined : authority.callers.recall(credential, tenant, now);
  return known
    ? decideAgain(authority, known, request)
    : decideAnew(authority, credential, tenant, request, now);
}

function decideAnew(
  authority: Authority,
  credential: Credential,
  tenant: string | undefined | Deny<DenialReason>,
  request: AccessRequest,
  now: number,
): Awaitable<Decision> {
  const until = lease();
  const resolve = (principal: Principal): Awaitable<Refusable<Tenancy>> =>
    typeof tenant === 'object' ? tenant : authority.resolveOrganization(principal, tenant, until);

  const decideAs = (
    principal: Principal,
    tenancy: Refusable<Tenancy>,
    { grant, acts }: Settled,
  ): Decision => {
    if ('effect' in tenancy) return { ...tenancy, ...known(principal) };
    if (tenant === undefined) acts?.(tenancy);
    const caller = callerOf(principal, tenancy, grant);
    if (principal.expiresAt !== undefined) until.endsBy(principal.expiresAt * 1000);
    if (typeof tenant !== 'object') authority.callers.remember(credential, tenant, caller, until.end(), now);
    return decideFor(authority, caller, request);
  };

  return after<Refusable<Authenticated>, Decision>(
    authenticate(authority, credential, request, now, until),
    (authenticated) => {
      if ('effect' in authenticated) return { ...authenticated, credentialKind: credential.kind };
      const { principal, standing = unlimited, acts } = authenticated;
      return afterAll<[Deny<DenialReason> | undefined, Refusable<Standing>, Refusable<Tenancy>], Decision>(
        [authority.refuseRevoked(principal, until), standing, resolve(principal)],
        ([revoked, stands, tenancy]) => {
          if (revoked) return { ...revoked, ...known(principal) };
          // A credential that no longer stands is told so, whatever organization it asked for.
          if ('effect' in stands) return { ...stands, ...known(principal) };
          const { principal: changed, grant } = stands;
          const settled: Settled = { grant, acts };
          if (!changed) return decideAs(principal, tenancy, settled);
          return after(resolve(changed), (other) => decideAs(changed, other, settled));
        },
      );
    },
  );
}

/** What is left of an authentication once its credential stands. */
interface Settled {
  readonly grant: Standing['grant'] | undefined;
  readonly acts: Authenticated['acts'] | undefined;
}

/** What a refusal says of who was refused. */
const known = (principal: Principal): Pick<Deny<DenialReason>, 'principal' | 'credentialKind'> => ({
  principal,
  credentialKind: principal.credentialKind,
});

function decideAgain(authority: Authority, remembered: Caller, request: AccessRequest): Decision {
  const decision = decideFor(authority, remembered, request);
  return decision.effect === 'allow' ? { ...decision, remembered } : decision;
}

/** What is left to decide once it is known who calls: pure, and never remembered. */
function decideFor({ table, trusted }: Authority, caller: Caller, request: AccessRequest): Decision {
  const decision = authorize(caller, request, table, trusted);
  if (decision.effect === 'allow') return decision;
  return { ...decision, ...known(caller.principal), organization: caller.organization };
}

const unlimited: Standing = {};

/** One authenticator per kind: the map's type makes a new kind a compile error until it has its own. */
function authenticate(
  { authenticate: by }: Authority,
  credential: Credential,
  { sourceAddress }: AccessRequest,
  now: number,
  until: Lease,
): Awaitable<Refusable<Authenticated>> {
  switch (credential.kind) {
    case 'api_key':
      return by.api_key(credential, now, until, sourceAddress);
    case 'session':
      return by.session(credential, now, until, sourceAddress);
    case 'extension_token':
      return by.extension_token(credential, now, until, sourceAddress);
  }
}
