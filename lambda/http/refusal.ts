import type { DenialReason } from '../core/denial.ts';

/** Every error an endpoint answers with, and its status (RFC 9110 §15; 429: RFC 6585 §4). */
export const errorStatus = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  rate_limited: 429,
  unavailable: 503,
} as const;

export type ErrorName = keyof typeof errorStatus;

/** Why an endpoint did not do what it was asked. Returned, never thrown. */
export interface Refusal {
  readonly error: ErrorName;
  /** For a person, in our own words: nothing of the request is quoted. */
  readonly message: string;
  readonly reason?: DenialReason;
  /** Seconds after which to try again. */
  readonly retryAfter?: number;
  /** The scope that was missing. */
  readonly scope?: string;
}

export const refuse = (error: ErrorName, message: string): Refusal => ({ error, message });

export const isRefusal = (value: object): value is Refusal => 'error' in value;
