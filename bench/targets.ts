import { valueOf, type Figures } from './figure.ts';

/** An upper bound, and what was measured in this run. */
export interface Target {
  readonly name: string;
  readonly target: number;
  readonly measured: number;
  readonly unit: string;
  readonly holds: boolean;
}

interface Bound {
  readonly name: string;
  /** Must have been run. */
  readonly part: string;
  readonly target: number;
  readonly unit: string;
  readonly measured: (figure: (name: string) => number) => number;
}

const floor = 'one HMAC-SHA256';
const ratio = (name: string, to: string) => (figure: (name: string) => number) => figure(name) / figure(to);

const repeated = ['extension token, repeat', 'session, cookie cache, repeat', 'API key, repeat'] as const;
const kinds = ['API key', 'session, cookie cache', 'extension token'] as const;

/** Every target, an upper bound each; docs/benchmarks.md says what each one means. */
const bounds: readonly Bound[] = [
  of('decision', 'extension token, repeat', 3, '× HMAC', ratio(repeated[0], floor)),
  of(
    'decision',
    'extension token, repeat, to blueprint with fast-jwt without cache',
    1,
    '×',
    ratio(repeated[0], 'blueprint with fast-jwt, cache off'),
  ),
  of(
    'decision',
    'extension token, first sight, to jose.jwtVerify alone',
    1.25,
    '×',
    ratio('extension token, first sight', 'jose.jwtVerify alone'),
  ),
  of(
    'decision',
    'session, cookie cache, first sight',
    8,
    '× HMAC',
    ratio('session, cookie cache, first sight', floor),
  ),
  of('decision', 'session, cookie cache, repeat', 3, '× HMAC', ratio(repeated[1], floor)),
  of(
    'decision',
    'session, cookie cache, repeat, to auth.api.getSession on a cache hit',
    1 / 20,
    '×',
    ratio(repeated[1], 'Better Auth getSession, cookie cache'),
  ),
  of(
    'decision',
    'session, cookie cache, first sight, to auth.api.getSession on a cache hit',
    1 / 20,
    '×',
    ratio('session, cookie cache, first sight', 'Better Auth getSession, cookie cache'),
  ),
  of('decision', 'API key, warm', 3, '× HMAC', ratio(repeated[2], floor)),
  of(
    'decision',
    'API key, warm, to verifyApiKey',
    1 / 20,
    '×',
    ratio(repeated[2], 'Better Auth verifyApiKey'),
  ),
  of('reads', 'API key, warm: requests to DynamoDB', 0, 'requests', (figure) =>
    figure('API key, warm: requests'),
  ),
  of('reads', 'API key, cold: sequential round trips', 2, 'round trips', (figure) =>
    figure('API key, cold: sequential round trips'),
  ),
  of(
    'decision',
    'API key, cold, to verifyApiKey',
    1 / 2,
    '×',
    ratio('API key, cold', 'Better Auth verifyApiKey'),
  ),
  of(
    'decision',
    'adding the decision line and metrics, the dearest of three',
    4,
    '× HMAC',
    (figure) =>
      Math.max(...repeated.map((name) => figure(`${name}, with line`) - figure(name))) / figure(floor),
  ),
  of(
    'cold',
    'load + first answer, to two clients that do the same calls, the worst of three',
    1.15,
    '×',
    (figure) =>
      Math.max(
        ...kinds.map(
          (kind) =>
            figure(`authorizer: ${kind}: load + first answer`) /
            figure(`the same, bundled as ours: ${kind}: load + first answer`),
        ),
      ),
  ),
  of('cold', 'bundle, minified', 400_000, 'bytes', (figure) => figure('authorizer: bundle, minified')),
  of('cold', 'bundle, gzip', 120_000, 'bytes', (figure) => figure('authorizer: bundle, gzip')),
  of('cold', 'files of Better Auth or zod in the bundle', 0, 'files', (figure) =>
    figure('authorizer: files of Better Auth or zod in the bundle'),
  ),
];

function of(part: string, name: string, target: number, unit: string, measured: Bound['measured']): Bound {
  return { part, name, target, unit, measured };
}

/** Growth, by what it grows with: how much of it there was is said by the figure itself. */
const growthLimit = 1.5;
const heapLimit = 16;

function growing(figures: Figures): readonly Bound[] {
  // Not the ring: a cookie names no key, so each one more is one HMAC more, and a ring is bounded.
  const grown = [...figures.values()].filter(
    ({ name, unit }) => unit === '×' && /routes|organizations|keys in the table/.test(name),
  );
  const heap = [...figures.values()].filter(({ name }) => name.startsWith('heap growth'));
  return [
    ...grown.map(({ name, value }) => of('growth', name, growthLimit, '×', () => value)),
    ...heap.map(({ name, value, unit }) => of('memory', name, heapLimit, unit, () => value)),
  ];
}

/** The targets of the parts that were run, and whether they hold: decided here and nowhere else. */
export const judge = (figures: Figures, parts: readonly string[]): readonly Target[] =>
  [...bounds, ...growing(figures)]
    .filter(({ part }) => parts.includes(part))
    .map(({ name, target, unit, measured }) => {
      const value = measured((figure) => valueOf(figures, figure));
      // Not `!(value > target)`: what could not be measured does not hold.
      return { name, target, measured: value, unit, holds: value <= target };
    });
