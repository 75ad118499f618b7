import type { Place } from './place.ts';

/** Cuts one process off from Secrets Manager again and again. */
export interface Cuts {
  /** Begins one, unless the last was a moment ago: the process must have a fresh ring when it begins. */
  readonly begin: () => void;
  readonly count: () => number;
  /** Is it cut off now? */
  readonly isCut: () => boolean;
  /** How long each lasts, in milliseconds. */
  readonly lasts: number;
  readonly stop: () => void;
}

/**
 * Each as long as can be: with a ring that is nearly due when it begins, and two seconds until both rings have been
 * asked for again after it (one probe a second, whichever ring it is for), the stale maximum is just not reached.
 */
export function cuts({ gate, bounds }: Place): Cuts {
  const lasts = (bounds.stale - bounds.ttl) * 1000 - 2500;
  const rest = bounds.ttl * 1000 + 2500;
  let count = 0;
  let healed = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    begin() {
      if (!gate.isOpen || performance.now() < healed) return;
      gate.isOpen = false;
      count += 1;
      timer = setTimeout(() => {
        gate.isOpen = true;
        healed = performance.now() + rest;
      }, lasts);
    },
    count: () => count,
    isCut: () => !gate.isOpen,
    lasts,
    stop() {
      clearTimeout(timer);
      gate.isOpen = true;
    },
  };
}
