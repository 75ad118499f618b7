import { CommandFailure } from './failure.ts';

/** Refuses a command line that names nothing, or two things of which only one would be taken. @throws {CommandFailure} */
export function oneOf(what: string, given: readonly (string | undefined)[]): void {
  if (given.filter((each) => each !== undefined).length !== 1)
    throw new CommandFailure('usage', `Name exactly one: ${what}.`);
}
