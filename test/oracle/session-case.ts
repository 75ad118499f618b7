import * as fc from 'fast-check';
import type { Strategy } from './better-auth.ts';
import { characterOr, mostly, place } from './odds.ts';

/** One random session: its row, what is done to its two cookies, and what happens to it. */
export interface SessionCase {
  readonly strategy: Strategy;
  /** https and the `__Secure-` names, or http and the bare ones. */
  readonly secure: boolean;
  readonly warm: boolean;
  /** May reading prolong it, as reading over HTTP does? */
  readonly refresh: boolean;
  /** Milliseconds from its start. */
  readonly life: number;
  readonly organization: 'member' | 'stranger' | 'none';
  readonly token: TokenState;
  readonly cache: CacheState;
  /** Characters in the user's note, which is in the cache: over 2,500 it is split, over 6,000 too long. */
  readonly note: number;
  /** Where a character is changed or the text cut off, from 0 to 1, and by which character. */
  readonly place: number;
  readonly character: string;
  readonly origin: 'absent' | 'trusted' | 'untrusted';
  readonly revoked: boolean;
  readonly steps: readonly SessionStep[];
}

export type TokenState =
  | 'good'
  | 'quoted'
  | 'sent twice'
  | 'another beside it'
  | 'absent'
  | 'other name'
  | 'unsigned'
  | 'changed'
  | 'truncated'
  | 'other secret'
  | 'older key'
  | 'another cookie’s value'
  | 'nobody’s'
  | 'spelled otherwise';

export type CacheState =
  | 'absent'
  | 'made by Better Auth'
  | 'forged by its rules'
  | 'without organization'
  | 'of another session'
  | 'of another version'
  | 'under another secret'
  | 'changed'
  | 'truncated'
  | 'no base64'
  | 'without a chunk'
  | 'another beside it';

export interface SessionStep {
  /** Milliseconds; `end`: up to the very millisecond in which the row ends. */
  readonly wait: number | 'end';
  readonly change?: SessionChange;
}

export type SessionChange = 'delete' | 'shorten' | 'leave' | 'activate';

const second = 1000;
const day = 24 * 3600 * second;

const step: fc.Arbitrary<SessionStep> = fc
  .record({
    wait: fc.constantFrom<number | 'end'>(
      0,
      0,
      1,
      second,
      5 * second,
      14_999,
      15 * second,
      60 * second,
      299 * second,
      300 * second,
      301 * second,
      2 * day,
      'end',
    ),
    change: mostly<SessionChange | 'none'>('none', 2, 'delete', 'shorten', 'leave', 'activate'),
  })
  .map(({ wait, change }) => (change === 'none' ? { wait } : { wait, change }));

const caches: readonly CacheState[] = [
  'absent',
  'without organization',
  'of another session',
  'of another version',
  'under another secret',
  'changed',
  'truncated',
  'no base64',
  'without a chunk',
  'another beside it',
];
const broken: readonly TokenState[] = [
  'quoted',
  'sent twice',
  'another beside it',
  'absent',
  'other name',
  'unsigned',
  'changed',
  'truncated',
  'other secret',
  'older key',
  'another cookie’s value',
  'nobody’s',
  'spelled otherwise',
];

export const sessionCase: fc.Arbitrary<SessionCase> = fc
  .record({
    strategy: fc.constantFrom<Strategy>('compact', 'jwt'),
    secure: fc.boolean(),
    warm: fc.boolean(),
    refresh: fc.boolean(),
    life: fc.oneof(fc.constant(7 * day), fc.constantFrom(-1, 0, second, 20 * second, 100 * second, 2 * day)),
    organization: mostly<SessionCase['organization']>('member', 5, 'stranger', 'none'),
    token: mostly<TokenState>('good', 2, ...broken),
    cache: fc.oneof(
      fc.constantFrom<CacheState>('made by Better Auth', 'forged by its rules'),
      fc.constantFrom(...caches),
    ),
    note: mostly(0, 5, 2600, 7000),
    place,
    character: characterOr('-_=.%!'),
    origin: mostly<SessionCase['origin']>('absent', 4, 'trusted', 'untrusted'),
    revoked: mostly(false, 10, true),
    steps: fc.array(step, { minLength: 1, maxLength: 3 }),
  })
  .map(consistent);

/** What Better Auth would not make, or where what is expected could not be told from the outside. */
function consistent(given: SessionCase): SessionCase {
  // A chunk can only be missing where there are some.
  const note = given.cache === 'without a chunk' && given.note === 0 ? 2600 : given.note;
  // A cache that one changed bit leaves as good as it was may say another organization than the row.
  const isUncertain = given.cache === 'changed' || given.cache === 'truncated';
  const steps = isUncertain ? given.steps.filter(({ change }) => change !== 'activate') : given.steps;
  // What reading prolongs, a warm process sees within the facts bound: told apart by neither side's answer.
  return {
    ...given,
    note,
    steps: steps.length > 0 ? steps : [{ wait: 0 }],
    refresh: given.refresh && !given.warm,
  };
}
