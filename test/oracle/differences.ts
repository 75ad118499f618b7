/**
 * Where the authorizer means to decide otherwise than Better Auth, by name. `docs/security.md` prints this table, and
 * a run in which one of them does not occur fails, as does one with a difference that is not here.
 */
export const differences = {
  'kept row': {
    of: ['api_key'],
    betterAuth:
      'a key that is spent for good or has ended is deleted when it is refused, then `INVALID_API_KEY`',
    here: 'the row stays: `quota_exhausted` or `credential_expired`, every time',
    why: 'whoever asks why a client stopped working finds out',
  },
  'permission missing': {
    of: ['api_key'],
    betterAuth: '`KEY_NOT_FOUND`, as for a key that nobody has',
    here: '403 `scope_insufficient`: the key is good, and the use was counted',
    why: 'a client throws a credential away on 401',
  },
  'no permissions': {
    of: ['api_key'],
    betterAuth: '`permissions: null` gives nothing that is asked for',
    here: 'all that the owner’s role gives; for an organization’s own key, nothing',
    why: 'the contract: a key without scopes acts as its owner',
  },
  'scope covers below': {
    of: ['api_key'],
    betterAuth: 'actions are compared as they are: `read` does not contain `read:contact`',
    here: '`records:read` covers `records:read:contact`',
    why: 'the contract: fewer segments cover all below',
  },
  role: {
    of: ['api_key'],
    betterAuth: 'a permission counts whatever the owner may do',
    here: 'scopes are cut to the owner’s role as it is now: 403 `scope_insufficient`',
    why: 'a key made by an owner who was demoted keeps nothing of the owner',
  },
  'impossible form': {
    of: ['api_key'],
    betterAuth: 'any text is hashed and looked up',
    here: '`credential_malformed` without a read, also where such a key is stored',
    why: 'guesses cost the table nothing',
  },
  'another stage': {
    of: ['api_key'],
    betterAuth: 'a `crm_test_` key that is stored verifies in production',
    here: '`credential_unknown` without a read',
    why: 'a key that leaked from a test stage opens nothing',
  },
  membership: {
    of: ['api_key', 'session'],
    betterAuth: 'does not look whether the user is in an organization, or in the active one',
    here: '`organization_missing` or `organization_forbidden`',
    why: 'an organization is never taken from what a credential says',
  },
  'operator’s guard': {
    of: ['api_key', 'session'],
    betterAuth: 'does not know `disabledByOperator`, `notAfter`, the lists of a key, and revocations',
    here: '`credential_disabled`, `credential_expired`, `address_not_allowed`, `organization_forbidden`, `credential_revoked`',
    why: 'the owner, or who has the owner’s session, must not undo what an operator decided',
  },
  'last millisecond': {
    of: ['api_key', 'session'],
    betterAuth: 'good in the millisecond in which it ends',
    here: 'over: `credential_expired`',
    why: '`exp` is the moment “on or after which” nothing is accepted (RFC 7519 §4.1.4); one rule for all',
  },
  'facts bound': {
    of: ['api_key', 'session'],
    betterAuth: 'reads the row every time (a cookie cache aside)',
    here: 'for 15 s a warm process may answer as before a change; what closes a key with limits counts at once',
    why: 'the published bound on what a decision may remember',
  },
  'cookie cache outlives its row': {
    of: ['session'],
    betterAuth:
      'a session that was deleted or has ended stays good until its cookie cache is five minutes old',
    here: '`credential_unknown` or `credential_expired`: the row is read beside the organization',
    why: 'a sign-out or a password reset takes effect within the facts bound',
  },
  'cache without organization': {
    of: ['session'],
    betterAuth: 'answers from it: no active organization',
    here: 'a miss: the row says which one is active',
    why: 'making an organization does not renew the cookie cache',
  },
  'cache that is no text': {
    of: ['session'],
    betterAuth: 'a cookie cache that cannot be decoded is a failure: 500',
    here: 'a miss: the row answers',
    why: 'a lost cache is not a lost session, and nobody else’s mistake',
  },
  'older key': {
    of: ['session'],
    betterAuth: 'knows one secret: a cookie signed before a rotation is no session',
    here: 'every key of the ring that is not over or revoked verifies',
    why: 'a rotation logs nobody out; the identity function signs such a cookie anew',
  },
  'sent twice': {
    of: ['session'],
    betterAuth: 'takes the first of two cookies of one name, of a chunk the last',
    here: 'two values of one name: `credential_ambiguous`',
    why: 'who can set a cookie on a sibling domain could else choose the session (cookie tossing)',
  },
  spelling: {
    of: ['session'],
    betterAuth: 'decodes a signature, so that its last character has four spellings',
    here: 'the one spelling that signing gives: `signature_invalid`',
    why: 'one credential has one text, by which it is remembered and revoked',
  },
  oversized: {
    of: ['session'],
    betterAuth: 'reads any length',
    here: 'over 8,192 bytes of cookies: `credential_malformed` before anything is parsed',
    why: 'parsing and hashing cost time in proportion',
  },
  origin: {
    of: ['session'],
    betterAuth: '`getSession` does not look at `Origin`',
    here: '403 `origin_untrusted`, for reading too',
    why: 'a browser attaches the cookie to what any page sends',
  },
} as const satisfies Readonly<Record<string, Difference>>;

interface Difference {
  readonly of: readonly ('api_key' | 'session')[];
  readonly betterAuth: string;
  readonly here: string;
  readonly why: string;
}

export type DifferenceName = keyof typeof differences;

export const differenceNames: readonly DifferenceName[] = Object.keys(differences).filter(
  (name): name is DifferenceName => name in differences,
);

/** What the authorizer must say, and the name of the difference if Better Auth says another thing. */
export interface Expected {
  readonly outcome: string;
  readonly difference?: DifferenceName;
}
