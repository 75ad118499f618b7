import { APIError } from '@better-auth/core/error';
import { setTimeout as wait } from 'node:timers/promises';
import type { Outcome, Write } from './write.ts';

/** Attempts at one request, and the bounds in milliseconds of the random pause between two of them. */
const ATTEMPTS = 8;
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** DynamoDB's words for "not now": nothing was written, and the same request may succeed a moment later. */
const TRANSIENT_ERRORS = new Set([
  'TransactionConflictException',
  'TransactionInProgressException',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);
const TRANSIENT_REASONS = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

interface CancellationReason {
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

/**
 * Sends until DynamoDB neither throttles nor meets another transaction on the same item; anything else is
 * not repeated.
 */
export async function retrying<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (attempt === ATTEMPTS) throw contention(error);
      await pause(attempt);
    }
  }
}

/** Before the next attempt: random over its whole length, or those who met would meet again. */
export async function pause(attempt: number): Promise<void> {
  await wait(Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt));
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name !== 'TransactionCanceledException') return TRANSIENT_ERRORS.has(error.name);
  const codes = reasonsOf(error).map(({ Code }) => Code ?? 'None');
  const causes = codes.filter((code) => code !== 'None');
  return causes.length > 0 && causes.every((code) => TRANSIENT_REASONS.has(code));
}

/** Which of the writes DynamoDB refused for their condition. Any other error is thrown on. */
export function refused(error: unknown, writes: readonly Write[]): Outcome {
  if (!(error instanceof Error)) throw error;
  if (error.name === 'ConditionalCheckFailedException') return { done: false, failed: writes };
  const reasons = error.name === 'TransactionCanceledException' ? reasonsOf(error) : [];
  const failed = writes.filter((_, index) => reasons[index]?.Code === 'ConditionalCheckFailed');
  if (failed.length > 0) return { done: false, failed };
  const oversized = /item size/i;
  const index = reasons.findIndex(({ Message }) => oversized.test(Message ?? ''));
  const write = index >= 0 ? writes[index] : oversized.test(error.message) ? writes[0] : undefined;
  throw write === undefined ? error : tooLarge(write.role.model, error);
}

function reasonsOf(error: Error): readonly CancellationReason[] {
  return 'CancellationReasons' in error && Array.isArray(error.CancellationReasons)
    ? error.CancellationReasons
    : [];
}

/** Somebody else has this value: 422, as Better Auth answers a taken e-mail address. The value is not said. */
export function notUnique(model: string, field: string): APIError {
  return new APIError('UNPROCESSABLE_ENTITY', {
    code: 'ALREADY_EXISTS',
    message: `A ${model} with this ${field} already exists`,
  });
}

/** The owner the row was to belong to is gone, or never was: 422. */
export function ownerMissing(model: string): APIError {
  return new APIError('UNPROCESSABLE_ENTITY', {
    code: 'OWNER_MISSING',
    message: `There is no such ${model}`,
  });
}

/** Why a row cannot be created, where that is what the refused writes say. */
export function creationRefused(failed: readonly Write[]): APIError | undefined {
  const taken = failed.find(({ kind }) => kind === 'put');
  if (taken !== undefined) return notUnique(taken.role.model, taken.role.field);
  const missing = failed.find(({ kind }) => kind === 'check');
  return missing === undefined ? undefined : ownerMissing(missing.role.model);
}

/** What a transaction was based on was changed by somebody else before it was committed: 409, try again. */
export function conflict(model: string): APIError {
  return new APIError('CONFLICT', {
    code: 'CONCURRENT_CHANGE',
    message: `The ${model} was changed by somebody else in the meantime; try again`,
  });
}

/** DynamoDB stores no item over 400 KB: 413. */
export function tooLarge(model: string, cause?: unknown): APIError {
  const error = new APIError('PAYLOAD_TOO_LARGE', {
    code: 'ROW_TOO_LARGE',
    message: `The ${model} would be larger than the 400 KB one row may have`,
  });
  error.cause = cause;
  return error;
}

/** A write of which nobody can say whether it happened: 503. It must not be repeated by anybody but the caller. */
export function outcomeUnknown(cause: unknown): APIError {
  const error = new APIError('SERVICE_UNAVAILABLE', {
    code: 'OUTCOME_UNKNOWN',
    message: 'The store did not answer; the change may or may not have been made',
  });
  error.cause = cause;
  return error;
}

function contention(cause: unknown): APIError {
  const error = new APIError('SERVICE_UNAVAILABLE', {
    code: 'CONTENTION',
    message: 'Too many writers at once; try again',
  });
  error.cause = cause;
  return error;
}
