import { byName, valueOf, type Figure } from './figure.ts';
import { svg, type Bar } from './plot.ts';

/** The plots of a run, by file name. A part that was not run has none. */
export function plotsOf(parts: ReadonlyMap<string, readonly Figure[]>): ReadonlyMap<string, string> {
  const plots = new Map<string, string>();
  const plot = (part: string, draw: (figures: readonly Figure[]) => string): void => {
    const figures = parts.get(part);
    if (figures) plots.set(part, draw(figures));
  };
  plot('decision', decision);
  plot('cold', cold);
  plot('gateway', gateway);
  plot('growth', growth);
  return plots;
}

const floorName = 'one HMAC-SHA256';

function decision(figures: readonly Figure[]): string {
  const floor = valueOf(byName(figures), floorName);
  const bars = figures
    .map(({ name, value }): Bar => ({ label: name, value: value / floor, kind: kindOf(name) }))
    .sort((a, b) => a.value - b.value);
  return svg({
    title: 'From the event to the answer, in process',
    unit: 'times one HMAC-SHA256',
    logarithmic: true,
    bars,
  });
}

function kindOf(name: string): Bar['kind'] {
  if (name === floorName || /^(?:two clients|the same|blank)/.test(name)) return 'floor';
  return /^(?:blueprint|jose|Better Auth)/.test(name) ? 'peer' : 'ours';
}

const suffix = ': load + first answer';

const cold = (figures: readonly Figure[]): string =>
  svg({
    title: 'A cold start: load and first answer in a fresh process',
    unit: 'milliseconds',
    logarithmic: false,
    bars: figures
      .filter(({ name }) => name.endsWith(suffix))
      .map(({ name, value }) => ({ label: name.slice(0, -suffix.length), value, kind: kindOf(name) })),
  });

const gateway = (figures: readonly Figure[]): string =>
  svg({
    title: 'Whole requests through the local gateway',
    unit: 'milliseconds',
    logarithmic: true,
    bars: figures
      .filter(({ unit }) => unit === 'ms')
      .map(({ name, value }) => ({ label: name, value, kind: 'ours' })),
  });

const growth = (figures: readonly Figure[]): string =>
  svg({
    title: 'How much more a decision costs when there is more of everything',
    unit: 'times as much',
    logarithmic: false,
    bars: figures
      .filter(({ unit }) => unit === '×')
      .map(({ name, value }) => ({ label: name, value, kind: 'ours' })),
  });
