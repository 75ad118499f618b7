/** When this machine gave us no processor. */
export interface Standstills {
  /** Did one touch the time between these moments of `performance.now()`, or end less than two seconds before? */
  readonly touched: (from: number, to: number) => boolean;
  readonly count: () => number;
  /** Milliseconds of the longest. */
  readonly longest: () => number;
  readonly stop: () => void;
}

/** As long as one request to DynamoDB may take on the decision path: then the product itself gives up. */
const shortest = 250;
const interval = 25;
const aftermath = 2000;

/**
 * Watches for them. A process that is given no processor for longer than its dependencies may take to answer says
 * 503, and rightly so: with a load of others beside it, that says nothing of a rotation, and is counted apart.
 */
export function watchStandstills(): Standstills {
  const seen: { readonly from: number; readonly to: number }[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > shortest) seen.push({ from: last, to: now });
    last = now;
  }, interval);
  return {
    touched: (from, to) => seen.some((each) => each.from < to && from < each.to + aftermath),
    count: () => seen.length,
    longest: () => Math.round(Math.max(0, ...seen.map(({ from, to }) => to - from))),
    stop: () => clearInterval(timer),
  };
}
