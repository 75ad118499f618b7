/** Epoch milliseconds. Handed in from the composition root, so that tests decide what time it is. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
