import * as fc from 'fast-check';
import { characterOr, mostly, place } from './odds.ts';

/** One random key: how it was made, what it may do, how it is presented, and what happens to it. */
export interface KeyCase {
  readonly form: 'ours' | 'default' | 'prefixed' | 'short' | 'other stage';
  readonly presented: Presented;
  /** Where a character is changed or the text cut off, from 0 to 1, and by which character. */
  readonly place: number;
  readonly character: string;
  readonly bearer: boolean;
  readonly owner: 'owner' | 'member' | 'auditor' | 'nobody' | 'organization';
  readonly permissions: string | null;
  readonly asked: boolean;
  readonly guard: Guard;
  /** Does the process that decides remember what it read? */
  readonly warm: boolean;
  readonly limits: Limits;
  readonly steps: readonly KeyStep[];
}

export type Presented = 'whole' | 'changed' | 'truncated' | 'extended' | 'without prefix' | 'another';
export type Guard = 'none' | 'disabledByOperator' | 'notAfter' | 'organizations' | 'addresses' | 'revoked';

export interface Limits {
  readonly enabled: boolean;
  /** Milliseconds from when the key was made. */
  readonly life: number | null;
  readonly remaining: number | null;
  readonly refillAmount: number | null;
  readonly refillInterval: number | null;
  readonly rateLimitEnabled: boolean;
  readonly rateLimitMax: number | null;
  readonly rateLimitTimeWindow: number | null;
}

export interface KeyStep {
  /** Milliseconds since the step before; `end`: up to the very millisecond in which the key ends, if it is ahead. */
  readonly wait: number | 'end';
  readonly change?: 'delete' | 'disable' | 'enable';
}

/**
 * No moment is exactly the end of a window: while its clock stands there, Better Auth never answers. So windows have
 * half a millisecond.
 */
const duration = fc.constantFrom(10.5, 100.5, 1000.5, 60_000.5);
const small = fc.constantFrom(null, 0, 1, 2, 3, 5);

const unlimited: Limits = {
  enabled: true,
  life: null,
  remaining: null,
  refillAmount: null,
  refillInterval: null,
  rateLimitEnabled: false,
  rateLimitMax: null,
  rateLimitTimeWindow: null,
};

const life = fc.oneof(
  { arbitrary: fc.constant(null), weight: 2 },
  { arbitrary: fc.integer({ min: -50, max: 20_000 }), weight: 1 },
);

const limits: fc.Arbitrary<Limits> = fc.oneof(
  fc.record({ life, enabled: mostly(true, 6, false) }).map((given) => Object.assign({}, unlimited, given)),
  fc.record({
    enabled: mostly(true, 6, false),
    life,
    remaining: small,
    refillAmount: fc.constantFrom(null, null, 1, 2, 4),
    refillInterval: fc.option(duration),
    rateLimitEnabled: fc.boolean(),
    rateLimitMax: small,
    rateLimitTimeWindow: fc.option(duration),
  }),
);

const step: fc.Arbitrary<KeyStep> = fc
  .record({
    wait: mostly<number | 'end'>(0, 2, 'end', 2, 10, 12, 60, 100, 102, 500, 1002, 14_999, 15_000, 60_002),
    change: mostly<NonNullable<KeyStep['change']> | 'none'>('none', 8, 'delete', 'disable', 'enable'),
  })
  .map(({ wait, change }) => (change === 'none' ? { wait } : { wait, change }));

export const keyCase: fc.Arbitrary<KeyCase> = fc
  .record({
    form: mostly<KeyCase['form']>('ours', 3, 'default', 'prefixed', 'short', 'other stage'),
    presented: mostly<Presented>('whole', 4, 'changed', 'truncated', 'extended', 'without prefix', 'another'),
    place,
    // What separates the parts of keys. A comma would make two values of one header.
    character: characterOr('_-.~!'),
    bearer: fc.boolean(),
    owner: mostly<KeyCase['owner']>('owner', 2, 'member', 'auditor', 'nobody', 'organization'),
    permissions: fc.constantFrom(
      null,
      '{"records":["read:contact"]}',
      '{"records":["read"]}',
      '{"records":["write","read:contact"],"actions":["invoke"]}',
      '{"records":["write"]}',
      '{"records":["read:company"]}',
      '{}',
    ),
    asked: fc.boolean(),
    guard: mostly<Guard>(
      'none',
      5,
      'disabledByOperator',
      'notAfter',
      'organizations',
      'addresses',
      'revoked',
    ),
    warm: fc.boolean(),
    limits,
    steps: fc.array(step, { minLength: 1, maxLength: 5 }),
  })
  // A use from an address that is not allowed is not counted here, while Better Auth counts every one.
  .map((given) => (given.guard === 'addresses' ? Object.assign(given, { limits: unlimited }) : given));

/** Must each use be counted? */
export const isLimited = (given: Limits): boolean => given.remaining !== null || isRateLimited(given);

export const isRateLimited = (given: Limits): boolean =>
  given.rateLimitEnabled && given.rateLimitMax !== null && given.rateLimitTimeWindow !== null;
