/**
 * The words of the decision. A name says how far a value is trusted:
 * a `Credential` was presented and nothing in it is verified, a `Principal` is verified.
 */

export type CredentialKind = 'api_key' | 'session' | 'extension_token';

/** The request, the same whichever surface it came through. Nothing in it is verified. */
export interface AccessRequest {
  /** API Gateway's request id, for the decision line only. */
  readonly id: string;
  readonly surface: string;
  /** Upper case; on a WebSocket `$connect`. */
  readonly method: string;
  /** The path as the client sent it, without stage and query, still percent-encoded. */
  readonly path: string;
  /** Path template of the matched gateway resource (`/v1/records/{entity}`), when the surface carries it. */
  readonly resource?: string;
  /** Lower-cased names; every value of a repeated header is kept, in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Every `name=value` pair of the Cookie header(s), in order; values still percent-encoded. */
  readonly cookies: readonly Cookie[];
  /** From `requestContext`, never from a header the client can write. */
  readonly sourceAddress?: string;
  /** A size limit of the contract was exceeded: refused before any parsing, hashing or I/O. */
  readonly oversized: boolean;
  /** The API this request was made to, as an IAM resource prefix (`arn:…:api/stage`). */
  readonly api: string;
}

export interface Cookie {
  readonly name: string;
  readonly value: string;
}

/** What was presented. Unverified. */
export type Credential =
  | { readonly kind: 'api_key'; readonly key: string }
  | { readonly kind: 'extension_token'; readonly token: string }
  | { readonly kind: 'session'; readonly cookies: SessionCookies };

/** The two signed cookies of a Better Auth session, percent-decoded once, otherwise as presented. */
export interface SessionCookies {
  readonly token: string;
  /** The cookie cache, its chunks joined. */
  readonly data?: string;
}

export type Owner =
  { readonly kind: 'user'; readonly id: string } | { readonly kind: 'organization'; readonly id: string };

/** Who the credential turned out to be. Verified. */
export interface Principal {
  readonly owner: Owner;
  readonly credentialKind: CredentialKind;
  /** API key id, session id or `jti`. Never a key or a token. */
  readonly credentialId: string;
  /** Scopes the credential itself carries; `null` means all that its owner's role gives. */
  readonly scopes: readonly Scope[] | null;
  /** Epoch seconds; absent when the credential does not expire. */
  readonly expiresAt?: number;
  /** Epoch seconds. Absent counts as the beginning of time: any revocation of what came before covers it. */
  readonly issuedAt?: number;
  /** `kid`s of the keys under which its signatures verified. */
  readonly signedWith?: readonly string[];
  /** The organization the credential itself names (token: fixed; session: active one). */
  readonly organizationId?: string;
  readonly extensionId?: string;
  /**
   * Where a key acted before: what is read ahead, to save two round trips. Never believed: another one is taken
   * whenever the memberships say so.
   */
  readonly likelyOrganizationId?: string;
  /** By which the memberships can tell without a look at all of them that it is still the first. */
  readonly likelyMark?: string;
  /** Organizations a key is limited to, by id. Absent: all of its owner's. */
  readonly limitedTo?: readonly string[];
  /** May it be used from where the request comes from? Absent: it may be used from everywhere. */
  readonly addressAllowed?: boolean;
}

export interface Organization {
  readonly id: string;
  readonly slug: string;
}

/**
 * The organization a principal acts in, and the role it has there. `role` may be several, comma-separated
 * (Better Auth); absent for an organization's own key.
 */
export interface Tenancy {
  readonly organization: Organization;
  readonly role?: string;
  /** `FirstMembership`. */
  readonly mark?: string;
}

/** A user's place in an organization. */
export interface Membership extends Tenancy {
  readonly role: string;
}

/** The first of a user's memberships. */
export interface FirstMembership extends Membership {
  /** By which it can be told later that it is still the first; absent where that was not looked at. */
  readonly mark?: string;
}

/** `resource:action` or `resource:action:entity`; `*` is everything. */
export type Scope = string;

/** A principal in an organization, with what it may do there: all that a decision needs but the route. */
export interface Caller extends Tenancy {
  readonly principal: Principal;
  /** Effective scopes: credential ∩ installation ∩ role. */
  readonly scopes: readonly Scope[];
}

export interface Allow extends Caller {
  readonly effect: 'allow';
  /** The caller as it is remembered, one object for many requests: what is made for it can be kept beside it. */
  readonly remembered?: Caller;
}

export interface Deny<Reason> {
  readonly effect: 'deny';
  readonly reason: Reason;
  /** The kind of credential that was presented, also when it turned out to be nobody's. */
  readonly credentialKind?: CredentialKind;
  /** Who was refused, when that much was established. For the decision line; no answer shows it. */
  readonly principal?: Principal;
  readonly organization?: Organization;
}
