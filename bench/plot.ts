import { number } from './table.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Ours, what it is compared with, or what both are measured by. */
  readonly kind: 'ours' | 'peer' | 'floor';
}

export interface Plot {
  readonly title: string;
  readonly unit: string;
  /** A logarithmic axis, from 1, for values that differ by orders of magnitude. */
  readonly logarithmic: boolean;
  readonly bars: readonly Bar[];
}

const colours = { ours: '#2563eb', peer: '#94a3b8', floor: '#16a34a' } as const;
const kinds = { ours: 'crm-authorizer', peer: 'peer', floor: 'floor' } as const;
const width = 900;
const left = 370;
const right = 90;
const row = 26;
const top = 70;

/** Horizontal bars as SVG, on a ground of its own so that it reads on a dark page as well. */
export function svg({ title, unit, logarithmic, bars }: Plot): string {
  const height = top + bars.length * row + 20;
  const most = Math.max(...bars.map(({ value }) => value));
  const scale = (value: number): number =>
    (logarithmic ? Math.log10(Math.max(value, 1)) / Math.log10(Math.max(most, 10)) : value / most) *
    (width - left - right);
  const drawn = bars.map(({ label, value, kind }, index) => {
    const y = top + index * row;
    const length = Math.max(scale(value), 2);
    return [
      text(left - 10, y + 14, label, 'end'),
      `<rect x="${left}" y="${y}" width="${length.toFixed(1)}" height="18" rx="2" fill="${colours[kind]}"/>`,
      text(left + length + 6, y + 14, number(value), 'start'),
    ].join('\n');
  });
  const present = (['floor', 'ours', 'peer'] as const).filter((kind) =>
    bars.some((bar) => bar.kind === kind),
  );
  const legend = present.map((kind, index) =>
    [
      `<rect x="${left + 70 + index * 150}" y="42" width="12" height="12" rx="2" fill="${colours[kind]}"/>`,
      text(left + 70 + index * 150 + 18, 52, kinds[kind], 'start'),
    ].join('\n'),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" rx="6" fill="#ffffff"/>`,
    `<text x="20" y="28" font-size="15" font-weight="600" fill="#0f172a">${escaped(title)}</text>`,
    text(20, 52, `${unit}${logarithmic ? ', logarithmic' : ''}; less is better`, 'start'),
    ...legend,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

const text = (x: number, y: number, content: string, anchor: 'start' | 'end'): string =>
  `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}" fill="#334155">${escaped(content)}</text>`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (content: string): string =>
  content.replaceAll(/[&<>"]/g, (character) => entities[character] ?? '');
