import type { Machine } from './machine.ts';

/** What came of requests with valid credentials. */
export interface Tally {
  /** @param where it was asked, and about what @param key that signed the credential */
  readonly record: (where: string, key: string, status: number, latency: number, reason?: string) => void;
  readonly sent: () => number;
  /** Not answered 2xx: refused, or not answered at all. */
  readonly rejected: () => number;
  /** Of those the 5xx of a machine that had no processor for us; no refusal is ever among them. */
  readonly excused: () => number;
  /** One row for each `where`: requests, 4xx, 5xx, median and 99th percentile in milliseconds. */
  readonly rows: () => readonly (readonly string[])[];
  /** The first ones that were not answered 2xx. */
  readonly first: () => readonly string[];
}

const shown = 10;

interface Failure {
  readonly status: number;
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

export function tally(machine: Machine): Tally {
  const counted = new Map<string, { refused: number; failed: number; latencies: number[] }>();
  const failures: Failure[] = [];
  const begun = performance.now();
  const isExcused = ({ status, from, to }: Failure): boolean =>
    !(status >= 400 && status < 500) && machine.wasBusy(from, to);
  return {
    record(where, key, status, latency, reason = '') {
      const count = counted.get(where) ?? { refused: 0, failed: 0, latencies: [] };
      counted.set(where, count);
      count.latencies.push(latency);
      if (status >= 200 && status < 300) return;
      if (status >= 400 && status < 500) count.refused += 1;
      else count.failed += 1;
      const to = performance.now();
      const at = ((to - begun) / 1000).toFixed(1);
      const what = `${at} s  ${where}, key ${key}: ${status} ${reason}`;
      failures.push({ status, from: to - latency, to, what });
    },
    sent: () => [...counted.values()].reduce((sum, { latencies }) => sum + latencies.length, 0),
    rejected: () => failures.length,
    excused: () => failures.filter(isExcused).length,
    rows: () =>
      [...counted].map(([where, { refused, failed, latencies }]) => [
        where,
        String(latencies.length),
        String(refused),
        String(failed),
        String(quantile(latencies, 0.5)),
        String(quantile(latencies, 0.99)),
      ]),
    first: () =>
      failures
        .slice(0, shown)
        .map((each) => (isExcused(each) ? `${each.what} (the machine was busy)` : each.what)),
  };
}

/** @returns the value that this share of all is not above, to a tenth */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return Math.round(value * 10) / 10;
}
