import type { Layout, ModelLayout } from '../../lambda/identity/adapter/index.ts';

/** The same layout with rows that never expire. */
export function withoutExpiry(layout: Layout): Layout {
  const lasting = ({ expiry: _expiry, ...model }: ModelLayout): ModelLayout => model;
  return Object.fromEntries(Object.entries(layout).map(([name, model]) => [name, lasting(model)]));
}
