import { differenceNames, differences, type DifferenceName } from './differences.ts';

/** Counts what a run compared, and says how far a long one is. */
export interface Tally {
  case(): void;
  /** One question put to both. @param name of the difference between the answers, if there was one */
  compared(outcome: string, name?: DifferenceName): void;
  readonly cases: () => number;
  readonly outcomes: ReadonlySet<string>;
  /** Named differences of this kind of credential that did not occur. */
  readonly missing: () => readonly DifferenceName[];
  report(): void;
}

const step = 5000;

export function tally(kind: 'api_key' | 'session', total: number): Tally {
  let cases = 0;
  let questions = 0;
  const outcomes = new Set<string>();
  const occurred = new Map<DifferenceName, number>();
  const isLong = process.env['FC_RUNS'] !== undefined;
  const say = (text: string): void => {
    if (isLong) process.stderr.write(`  Better Auth and the authorizer, ${kind}: ${text}\n`);
  };
  return {
    case() {
      cases += 1;
      if (cases % step === 0) say(`${cases} of ${total} cases, ${questions} questions`);
    },
    compared(outcome, name) {
      questions += 1;
      outcomes.add(outcome);
      if (name) occurred.set(name, (occurred.get(name) ?? 0) + 1);
    },
    cases: () => cases,
    outcomes,
    missing: () =>
      differenceNames.filter(
        (name) => differences[name].of.some((each) => each === kind) && !occurred.has(name),
      ),
    report: () =>
      say(
        `${cases} cases, ${questions} questions; ${[...occurred].map(([name, times]) => `${name} ${times}`).join(', ')}`,
      ),
  };
}
