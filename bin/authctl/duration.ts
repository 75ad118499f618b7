import { InvalidArgumentError } from 'commander';

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Ten years: what is longer is a mistake. */
const longest = 3660 * 86_400_000;

/** `90s`, `15m`, `24h`, `30d`, `500ms` → milliseconds. @throws {InvalidArgumentError} */
export function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  const milliseconds = Number(count) * (units[unit] ?? Number.NaN);
  if (count === '' || !(milliseconds <= longest)) {
    throw new InvalidArgumentError(
      'A duration is a whole number and a unit (ms, s, m, h, d): 90s, 24h, 30d.',
    );
  }
  return milliseconds;
}

/** As `duration`, and longer than nothing. @throws {InvalidArgumentError} */
export function positiveDuration(text: string): number {
  const milliseconds = duration(text);
  if (milliseconds === 0) throw new InvalidArgumentError('It must be longer than nothing.');
  return milliseconds;
}

export interface Rate {
  readonly count: number;
  /** Milliseconds. */
  readonly per: number;
}

/** `100/1m`, `10/s` → so many per so long. @throws {InvalidArgumentError} */
export function rate(text: string): Rate {
  const [, count = '', per = ''] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (count === '') throw new InvalidArgumentError('It is a number, a slash and a duration: 100/1m, 10/s.');
  return { count: positive(count), per: positiveDuration(/^\d/.test(per) ? per : `1${per}`) };
}

/** A whole number from 1 on. @throws {InvalidArgumentError} */
export function positive(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}
