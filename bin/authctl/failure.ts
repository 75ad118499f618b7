/** What a program can tell failures apart by. `usage` exits with 2, the others with 1. */
export type FailureCode = 'usage' | 'not_found' | 'refused' | 'no_stack' | 'unavailable' | 'failed';

/** Something the operator can do something about. The message says what, and quotes no secret. */
export class CommandFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandFailure';
    this.code = code;
  }
}
