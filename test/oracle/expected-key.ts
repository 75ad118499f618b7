import type { KeyVerdict } from './better-auth.ts';
import type { DifferenceName, Expected } from './differences.ts';
import type { Guard, KeyCase, Presented } from './key-case.ts';

/** What the test itself did to a key, and so knows of it. */
export interface KeyFacts {
  readonly form: KeyCase['form'];
  readonly presented: Presented;
  readonly owner: KeyCase['owner'];
  readonly permissions: string | null;
  readonly asked: boolean;
  readonly guard: Guard;
  readonly enabled: boolean;
  /** The test deleted its row. */
  readonly deleted: boolean;
  /** Epoch milliseconds. */
  readonly expiresAt: number | null;
  readonly now: number;
  /** An earlier answer of Better Auth was the last one: it deleted the row. */
  readonly spent: boolean;
}

export interface KeyVerdicts {
  /** To the permissions that were asked for. */
  readonly asked: KeyVerdict;
  /** Without any: what it says of the key itself. The same answer where none were missing. */
  readonly itself: KeyVerdict;
}

const reasons: Readonly<Record<string, string>> = {
  INVALID_API_KEY: 'credential_unknown',
  KEY_NOT_FOUND: 'credential_unknown',
  KEY_DISABLED: 'credential_disabled',
  KEY_EXPIRED: 'credential_expired',
  USAGE_EXCEEDED: 'quota_exhausted',
  RATE_LIMITED: 'rate_limited',
};

const plain = (verdict: KeyVerdict): string =>
  verdict.valid ? 'allow' : (reasons[verdict.code] ?? verdict.code);

/** What the authorizer must say where Better Auth says this: the same, but for the named differences. */
export function expectedOfKey(facts: KeyFacts, verdicts: KeyVerdicts): Expected {
  const named = (difference: DifferenceName, outcome: string): Expected =>
    outcome === plain(verdicts.asked) ? { outcome } : { outcome, difference };

  if (facts.form === 'short') return named('impossible form', 'credential_malformed');
  if (facts.form === 'other stage') return named('another stage', 'credential_unknown');
  if (facts.deleted) return { outcome: plain(verdicts.itself) };
  if (facts.enabled && facts.guard === 'disabledByOperator') {
    return named('operator’s guard', 'credential_disabled');
  }
  if (facts.enabled && facts.guard === 'notAfter') return named('operator’s guard', 'credential_expired');
  if (facts.enabled && facts.expiresAt === facts.now) return named('last millisecond', 'credential_expired');
  if (isRevoked(facts)) return named('operator’s guard', 'credential_revoked');
  if (facts.spent && !verdicts.itself.valid) return named('kept row', keptReason(facts));
  if (!verdicts.itself.valid) return { outcome: plain(verdicts.itself) };
  return expectedOfGoodKey(facts, named);
}

/** All that its owner has. Told of a key that is good, before its limits. */
const isRevoked = ({ guard, owner, enabled, expiresAt, now }: KeyFacts): boolean =>
  guard === 'revoked' && owner !== 'organization' && enabled && (expiresAt === null || expiresAt > now);

/** In the order in which a decision looks. */
function keptReason({ enabled, expiresAt, now }: KeyFacts): string {
  if (!enabled) return 'credential_disabled';
  return expiresAt !== null && expiresAt <= now ? 'credential_expired' : 'quota_exhausted';
}

function expectedOfGoodKey(
  facts: KeyFacts,
  named: (difference: DifferenceName, outcome: string) => Expected,
): Expected {
  if (facts.guard === 'organizations') return named('operator’s guard', 'organization_forbidden');
  if (facts.owner === 'nobody') return named('membership', 'organization_missing');
  if (facts.guard === 'addresses') return named('operator’s guard', 'address_not_allowed');
  if (!facts.asked) return { outcome: 'allow' };
  return expectedOfScope(facts, named);
}

/** `records:read:contact` was asked for. */
function expectedOfScope(
  { permissions, owner }: KeyFacts,
  named: (difference: DifferenceName, outcome: string) => Expected,
): Expected {
  const allowed: readonly string[] =
    permissions === null ? [] : (Object(JSON.parse(permissions))['records'] ?? []);
  const roleGives = owner !== 'auditor';
  if (permissions === null) {
    return owner !== 'organization' && roleGives
      ? named('no permissions', 'allow')
      : named('permission missing', 'scope_insufficient');
  }
  if (!allowed.includes('read:contact') && !allowed.includes('read')) {
    return named('permission missing', 'scope_insufficient');
  }
  if (!roleGives) return named('role', 'scope_insufficient');
  return named('scope covers below', 'allow');
}
