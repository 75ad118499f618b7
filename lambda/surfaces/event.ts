import { Fault } from '../core/fault.ts';

/**
 * Members of an event, narrowed by hand: every request pays for it, and a schema costs more than the decision.
 * A member of another type is a fault, never taken for an absent one.
 */
export type Members = Readonly<Record<string, unknown>>;

/** @throws {Fault} `event` when it is not an object */
export function membersOf(value: unknown): Members {
  if (!isMembers(value)) throw unexpected();
  return value;
}

/** No member at all when there is no object. @throws {Fault} `event` when it is something else */
export const membersIn = (of: Members, name: string): Members => {
  const value = of[name];
  return value === undefined || value === null ? nothing : membersOf(value);
};

/** @throws {Fault} `event` when it is neither a text nor absent */
export function textIn(of: Members, name: string): string | undefined {
  const value = of[name];
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return undefined;
  throw unexpected();
}

/** @throws {Fault} `event` when it is not a text */
export function requiredText(of: Members, name: string): string {
  const value = of[name];
  if (typeof value !== 'string') throw unexpected();
  return value;
}

/** @throws {Fault} `event` when it is neither a list of texts nor absent */
export function textsIn(of: Members, name: string): readonly string[] {
  const value = of[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unexpected();
  return value.map((each: unknown) => {
    if (typeof each !== 'string') throw unexpected();
    return each;
  });
}

const nothing: Members = {};

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unexpected = (): Fault =>
  new Fault('event', 'Not an authorizer event of the kind this function is for');
