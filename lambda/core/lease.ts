/**
 * How long what a decision was made from may be taken to be true without asking again. Whoever reads a fact, or
 * compares a time, says until when its answer stands; the earliest of these ends the lease.
 */
export interface Lease {
  /** What was just found stands until this moment at the latest. Epoch milliseconds. */
  readonly endsBy: (moment: number) => void;
  /** The earliest of these moments; `Infinity` when nothing was said. */
  readonly end: () => number;
}

export function lease(): Lease {
  let end = Infinity;
  return {
    endsBy: (moment) => {
      if (moment < end) end = moment;
    },
    end: () => end,
  };
}

/** For who asks once and keeps nothing of the answer. */
export const unkept: Lease = { endsBy: () => undefined, end: () => Number.NEGATIVE_INFINITY };
