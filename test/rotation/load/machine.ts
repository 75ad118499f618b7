import { readFileSync } from 'node:fs';

/** Whether this machine had a processor for us. */
export interface Machine {
  /** Had it none, at any time between these moments of `performance.now()` or in the two seconds before? */
  readonly wasBusy: (from: number, to: number) => boolean;
  /** Share of the time, 0 to 1, in which somebody waited for a processor; undefined where nobody says. */
  readonly pressure: () => number | undefined;
  readonly stop: () => void;
}

/** As long as one request to DynamoDB may take on the decision path: then the product itself gives up. */
const standstill = 250;
/** Share of a second in which somebody waited: more, and requests of a few milliseconds take hundreds. */
const crowded = 0.5;
const interval = 25;
const span = 1000;
const aftermath = 2000;

/**
 * Watches it: its own delays, and Linux's account of who waited ("PSI", kernel documentation, accounting/psi). A
 * function that gets no processor for longer than its dependencies may take to answer says 503, and rightly so; that
 * says nothing of a rotation, and is counted apart.
 */
export function watchMachine(): Machine {
  const busy: { readonly from: number; readonly to: number }[] = [];
  const first = waited();
  const begun = performance.now();
  let last = begun;
  let sample = { at: begun, waited: first };
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > standstill) busy.push({ from: last, to: now });
    last = now;
    if (now - sample.at < span) return;
    const total = waited();
    if ((total ?? 0) - (sample.waited ?? 0) > crowded * (now - sample.at))
      busy.push({ from: sample.at, to: now });
    sample = { at: now, waited: total };
  }, interval);
  return {
    wasBusy: (from, to) => busy.some((each) => each.from < to && from < each.to + aftermath),
    pressure: () => {
      const total = waited();
      return total === undefined || first === undefined
        ? undefined
        : (total - first) / (performance.now() - begun);
    },
    stop: () => clearInterval(timer),
  };
}

/** Milliseconds in which somebody waited for a processor, since the machine started. */
function waited(): number | undefined {
  try {
    const [, total] = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? [];
    return total === undefined ? undefined : Number(total) / 1000;
  } catch {
    return undefined;
  }
}
