import type { CleanedWhere, CustomAdapter } from '@better-auth/core/db/adapter';
import { BetterAuthError } from '@better-auth/core/error';
import { order } from './condition.ts';
import type { Context } from './context.ts';
import { create } from './create.ts';
import { find, findFirst } from './find.ts';
import { rowOf } from './model.ts';
import type { Item, Model } from './model.ts';
import { plan } from './plan.ts';
import { consumeOne, removeMany } from './remove.ts';
import { changeOf } from './row-writes.ts';
import { changeMany, changeOne } from './update.ts';

export interface OperationsInput {
  readonly context: Context;
  readonly getDefaultModelName: (model: string) => string;
  readonly getFieldName: (of: { model: string; field: string }) => string;
}

interface Page {
  readonly limit: number;
  readonly offset?: number | undefined;
  readonly sortBy?: { readonly field: string; readonly direction: 'asc' | 'desc' } | undefined;
}

/** What Better Auth asks of an adapter, in terms of laid-out models. Joins are its own, by further reads. */
export function operations({ context, getDefaultModelName, getFieldName }: OperationsInput): CustomAdapter {
  const modelOf = (name: string): Model => {
    const model = context.models.get(getDefaultModelName(name));
    if (model === undefined) throw new BetterAuthError(`dynamodb adapter: the schema has no model ${name}`);
    return model;
  };

  async function list(
    name: string,
    where: readonly CleanedWhere[],
    { limit, offset = 0, sortBy }: Page,
  ): Promise<Item[]> {
    const model = modelOf(name);
    const likely = sortBy === undefined ? offset + limit : undefined;
    const rows: Item[] = [];
    for await (const page of find(context, model, where, likely === undefined ? {} : { likely })) {
      rows.push(...page);
      if (likely !== undefined && rows.length >= likely) break;
    }
    if (sortBy !== undefined) {
      const attribute = getFieldName({ model: name, field: sortBy.field });
      const sign = sortBy.direction === 'desc' ? -1 : 1;
      rows.sort((a, b) => sign * order(a[attribute] ?? null, b[attribute] ?? null));
    }
    return rows.slice(offset, offset + limit);
  }

  return {
    async create({ model: name, data }) {
      const model = modelOf(name);
      return asBetterAuth(model, await create(context, model, data));
    },
    async findOne({ model: name, where }) {
      const model = modelOf(name);
      return asBetterAuth(model, await findFirst(context, model, where));
    },
    async findMany({ model: name, where = [], select = [], ...page }) {
      const attributes = select.map((field) => getFieldName({ model: name, field }));
      const rows = await list(name, where, page);
      return rows.map((row) => asBetterAuth(modelOf(name), row, attributes));
    },
    count: ({ model, where = [] }) => count(context, modelOf(model), where),
    async update({ model: name, where, update }) {
      const model = modelOf(name);
      const change = changeOf(Object.fromEntries(Object.entries(update ?? {})));
      return asBetterAuth(model, await changeOne(context, model, where, change));
    },
    updateMany: ({ model, where, update }) => changeMany(context, modelOf(model), where, changeOf(update)),
    async incrementOne({ model: name, where, increment, set = {} }) {
      const model = modelOf(name);
      return asBetterAuth(model, await changeOne(context, model, where, changeOf(set, increment)));
    },
    async delete({ model, where }) {
      // Better Auth means one row's worth; without a condition it would be all of them.
      if (where.length === 0) return;
      await removeMany(context, modelOf(model), where);
    },
    deleteMany: ({ model, where }) => removeMany(context, modelOf(model), where),
    async consumeOne({ model: name, where }) {
      const model = modelOf(name);
      return asBetterAuth(model, await consumeOne(context, model, where));
    },
  };
}

/** Counts by the edges alone where they say everything; they and their rows go together unless they expire. */
async function count(context: Context, model: Model, where: readonly CleanedWhere[]): Promise<number> {
  const planned = plan(model, where);
  const [collection] = planned.kind === 'query' && planned.exact ? planned.collections : [];
  if (collection !== undefined && collection.of === 'edges' && model.expiry === undefined) {
    return context.reader.count(collection.pk);
  }
  let rows = 0;
  for await (const page of find(context, model, where)) rows += page.length;
  return rows;
}

/**
 * The row, or null: its selected attributes, or all. Better Auth's adapter interface promises whatever type
 * its caller names, and then converts the row by its own schema. No adapter can keep that promise by types;
 * this is the one place where ours makes it.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
function asBetterAuth<T>(model: Model, item: Item | undefined, select: readonly string[] = []): T {
  const row = item === undefined ? null : rowOf(model, item);
  const wanted = row === null || select.length === 0 ? row : pick(row, select);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return wanted as T;
}

function pick(row: Item, attributes: readonly string[]): Item {
  return Object.fromEntries(attributes.map((attribute) => [attribute, row[attribute]]));
}
