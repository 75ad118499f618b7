import type { SessionVerdict } from './better-auth.ts';
import type { DifferenceName, Expected } from './differences.ts';
import type { CacheState, SessionCase, TokenState } from './session-case.ts';

/** A cookie cache that is whole. */
export interface CacheFacts {
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly organizationId: string | null;
}

/** What the test itself did to a session and its cookies, and so knows of them. */
export interface SessionFacts {
  readonly token: TokenState;
  readonly origin: SessionCase['origin'];
  readonly revoked: boolean;
  /** Of the Cookie header. */
  readonly bytes: number;
  readonly cacheState: CacheState;
  /** Why the session cookie is none, where its text alone says so. */
  readonly refusal?: string;
  readonly cache?: CacheFacts;
  /** The session's row, if it is there. */
  readonly row?: { readonly expiresAt: number; readonly organizationId: string | null };
  readonly memberOf: ReadonlySet<string>;
  readonly now: number;
}

/** @property organizationId where the outcome is `allow` */
export interface ExpectedSession extends Expected {
  readonly organizationId?: string;
}

const cookieLimit = 8192;

/** A cookie cache that may be no base64url any more. */
const isBroken: ReadonlySet<CacheState> = new Set(['no base64', 'changed', 'truncated']);

/**
 * What the authorizer must say where Better Auth says this: the same, but for the named differences. Better Auth has
 * one word for all that is no session; here the test knows why it is none.
 */
export function expectedOfSession(facts: SessionFacts, theirs: SessionVerdict): ExpectedSession {
  const { outcome, organizationId } = outcomeOf(facts);
  const difference = differenceOf(facts, theirs, outcome, organizationId);
  return {
    outcome,
    ...(organizationId === undefined ? {} : { organizationId }),
    ...(difference === undefined ? {} : { difference }),
  };
}

export type Outcome = Pick<ExpectedSession, 'outcome' | 'organizationId'>;

/** In the order in which a decision looks. */
export function outcomeOf(facts: SessionFacts): Outcome {
  const { refusal, row, now } = facts;
  if (facts.bytes > cookieLimit) return { outcome: 'credential_malformed' };
  if (refusal === 'credential_ambiguous' || refusal === 'credential_missing') return { outcome: refusal };
  if (facts.cacheState === 'another beside it') return { outcome: 'credential_ambiguous' };
  if (refusal !== undefined) return { outcome: refusal };

  const cached = isHit(facts) ? facts.cache : undefined;
  const standing = !row ? 'credential_unknown' : row.expiresAt <= now ? 'credential_expired' : undefined;
  if (!cached && standing) return { outcome: standing };
  if (facts.revoked) return { outcome: 'credential_revoked' };
  if (standing) return { outcome: standing };
  const organizationId = (cached ?? row)?.organizationId ?? null;
  if (organizationId === null) return { outcome: 'organization_missing' };
  if (!facts.memberOf.has(organizationId)) return { outcome: 'organization_forbidden' };
  if (facts.origin === 'untrusted') return { outcome: 'origin_untrusted' };
  return { outcome: 'allow', organizationId };
}

const isHit = ({ cache, now }: SessionFacts): boolean =>
  cache !== undefined && cache.organizationId !== null && cache.expiresAt > now;

const unauthenticated = /^(?:credential_|signature_)/;

const namesOf: Readonly<Record<string, DifferenceName>> = {
  credential_ambiguous: 'sent twice',
  credential_malformed: 'oversized',
  signature_invalid: 'spelling',
  credential_unknown: 'cookie cache outlives its row',
  credential_expired: 'cookie cache outlives its row',
  credential_revoked: 'operator’s guard',
  organization_missing: 'membership',
  organization_forbidden: 'membership',
  origin_untrusted: 'origin',
};

/**
 * The name of the difference; none where both say the same.
 *
 * @throws where they differ and no name fits
 */
function differenceOf(
  facts: SessionFacts,
  theirs: SessionVerdict,
  outcome: string,
  organizationId: string | undefined,
): DifferenceName | undefined {
  if (theirs === null) {
    if (unauthenticated.test(outcome)) return undefined;
    if (facts.token === 'older key') return 'older key';
    throw new Error(`Better Auth knows no session where ${outcome} is expected`);
  }
  if (theirs === 'failure') {
    if (isBroken.has(facts.cacheState)) return 'cache that is no text';
    throw new Error('Better Auth fails');
  }
  if (facts.row?.expiresAt === facts.now && outcome === 'credential_expired') return 'last millisecond';
  if (outcome !== 'allow') return namesOf[outcome];
  if (theirs.organizationId === organizationId) return undefined;
  if (theirs.organizationId === null) return 'cache without organization';
  if (facts.cache?.expiresAt === facts.now) return 'last millisecond';
  throw new Error('Better Auth answers for another organization');
}
