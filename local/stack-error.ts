/**
 * The stack cannot start or go on, and the person at the keyboard can do something about it.
 * The message is one line that says what is wrong and what to do; no stack trace is printed with it.
 */
export class StackError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StackError';
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
