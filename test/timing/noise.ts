export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const shuffles = 2000;

/**
 * What the medians of two samples differ by when nothing tells the samples apart: the 99.9th percentile over random
 * divisions of all values in two (a permutation test, 1 in 1,000 by chance).
 */
export function noiseOf(left: readonly number[], right: readonly number[]): number {
  const all = [...left, ...right];
  const differences: number[] = [];
  for (let shuffle = 0; shuffle < shuffles; shuffle += 1) {
    for (let last = all.length - 1; last > 0; last -= 1) {
      const other = Math.floor(Math.random() * (last + 1));
      [all[last], all[other]] = [all[other] ?? 0, all[last] ?? 0];
    }
    const at = left.length;
    differences.push(Math.abs(median(all.slice(0, at)) - median(all.slice(at))));
  }
  return differences.sort((a, b) => a - b)[Math.floor(shuffles * 0.999)] ?? NaN;
}
