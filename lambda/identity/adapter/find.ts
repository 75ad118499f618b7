import { BetterAuthError } from '@better-auth/core/error';
import type { CleanedWhere } from '@better-auth/core/db/adapter';
import { all, fromWhere, holds, visible } from './condition.ts';
import type { Context } from './context.ts';
import { keyId } from './keys.ts';
import type { Key } from './keys.ts';
import { companionsOf, rowKeyOf, rowPrefix } from './model.ts';
import type { Item, Model } from './model.ts';
import { chunks } from './parallel.ts';
import { plan } from './plan.ts';
import type { Collection, Lookup, Plan } from './plan.ts';

export interface FindOptions {
  /** Rows that have expired too: for deleting them. @default false */
  readonly expired?: boolean;
  /** The caller is likely to stop after so many rows. @default all are wanted */
  readonly likely?: number;
}

/** Rows named by edges that are fetched at once. */
const EDGES_AT_ONCE = 100;

/**
 * The rows of a `where`, page by page, each row once. Whatever way a row is reached, the whole `where` is
 * applied to the row itself: an edge or a pointer is a hint where to look, never an answer.
 *
 * @throws {BetterAuthError} the `where` would need a scan
 */
export async function* find(
  context: Context,
  model: Model,
  where: readonly CleanedWhere[],
  options: FindOptions = {},
): AsyncGenerator<readonly Item[]> {
  const wanted =
    options.expired === true ? fromWhere(where) : all(fromWhere(where), visible(model, context.now()));
  const seen = new Set<string>();
  for await (const page of candidates(context, model, plan(model, where), options.likely)) {
    const rows = page.filter((row) => {
      const id = keyId(keyOf(model, row));
      if (seen.has(id) || !holds(wanted, row)) return false;
      seen.add(id);
      return true;
    });
    if (rows.length > 0) yield rows;
  }
}

export async function findFirst(
  context: Context,
  model: Model,
  where: readonly CleanedWhere[],
): Promise<Item | undefined> {
  for await (const [row] of find(context, model, where, { likely: 1 })) return row;
  return undefined;
}

/**
 * The key of the one row a `where` can mean, without reading the row: no key where there is no such row, and
 * undefined where the `where` does not come down to one row. An uncertain key was only remembered.
 */
export async function locate(
  context: Context,
  model: Model,
  where: readonly CleanedWhere[],
): Promise<{ readonly key: Key | undefined; readonly certain: boolean } | undefined> {
  const planned = plan(model, where);
  if (planned.kind === 'nothing') return { key: undefined, certain: true };
  if (planned.kind !== 'get') return undefined;
  const { via, key } = planned.lookup;
  if (via === 'row') return { key, certain: true };
  const hint = context.hints.get(key);
  if (hint !== undefined) return { key: hint, certain: false };
  const target = reference(await context.reader.get(key));
  if (target !== undefined) context.hints.set(key, target);
  return { key: target, certain: true };
}

/** The key of a row that was read. */
export function keyOf(model: Model, row: Item): Key {
  const key = rowKeyOf(model, row);
  if (key === undefined)
    throw new BetterAuthError(`dynamodb adapter: a ${model.name} without ${model.row.partition.name}`);
  return key;
}

async function* candidates(
  context: Context,
  model: Model,
  planned: Plan,
  likely?: number,
): AsyncGenerator<readonly Item[]> {
  switch (planned.kind) {
    case 'nothing':
      return;
    case 'get':
      yield* atOnce(await lookUp(context, model, planned.lookup));
      return;
    case 'batchGet':
      // 100 rows at a time, so that somebody who wants few does not pay for all.
      for (const lookups of chunks(planned.lookups, EDGES_AT_ONCE))
        yield await lookUpAll(context, model, lookups);
      return;
    case 'query':
      for (const collection of planned.collections) yield* members(context, model, collection, likely);
      return;
    case 'refuse':
      if (!context.allowScan) throw new BetterAuthError(planned.message);
      for await (const page of context.reader.scan(`${rowPrefix(model)}#`)) yield page.filter(isRow);
  }
}

function atOnce(row: Item | undefined): readonly (readonly Item[])[] {
  return row === undefined ? [] : [[row]];
}

function isRow(item: Item): boolean {
  return item['refPk'] === undefined;
}

/**
 * One row. Where a pointer led before is remembered: a unique value has one row, so if the row still has the
 * value it is the one, and if not, the pointer is read.
 */
async function lookUp(context: Context, model: Model, { via, key }: Lookup): Promise<Item | undefined> {
  const { reader, hints } = context;
  if (via === 'row') return reader.get(key);
  const hint = hints.get(key);
  if (hint !== undefined) {
    const row = await reader.get(hint);
    if (row !== undefined && pointsAt(model, row, key)) return row;
  }
  const target = reference(await reader.get(key));
  if (target === undefined) return undefined;
  hints.set(key, target);
  return reader.get(target);
}

/** The unique values of the row include the pointer's. */
function pointsAt(model: Model, row: Item, pointer: Key): boolean {
  return companionsOf(model, row, keyOf(model, row)).has(keyId(pointer));
}

async function lookUpAll(
  { reader }: Context,
  model: Model,
  lookups: readonly Lookup[],
): Promise<readonly Item[]> {
  const pointers = lookups.filter(({ via }) => via === 'pointer').map(({ key }) => key);
  const rows = lookups.filter(({ via }) => via === 'row').map(({ key }) => key);
  const targets = (pointers.length === 0 ? [] : await reader.batchGet(pointers)).map(reference);
  const keys = distinct([...rows, ...targets.filter((key) => key !== undefined)]);
  return inOrder(model, keys, await reader.batchGet(keys));
}

async function* members(
  { reader }: Context,
  model: Model,
  { pk, of }: Collection,
  likely?: number,
): AsyncGenerator<readonly Item[]> {
  const limit = likely === undefined || likely > EDGES_AT_ONCE ? undefined : EDGES_AT_ONCE;
  for await (const page of reader.query(pk, limit)) {
    if (of === 'rows') {
      // The partition of a row's first key field is named as a list by that field would be.
      yield page.filter(isRow);
      continue;
    }
    for (const edges of chunks(page, EDGES_AT_ONCE)) {
      const keys = edges.map(reference).filter((key) => key !== undefined);
      yield inOrder(model, keys, await reader.batchGet(keys));
    }
  }
}

/** BatchGetItem answers in any order; a list that is read page by page needs one. */
function inOrder(model: Model, keys: readonly Key[], rows: readonly Item[]): readonly Item[] {
  const byKey = new Map(rows.map((row) => [keyId(keyOf(model, row)), row]));
  return keys.map((key) => byKey.get(keyId(key))).filter((row) => row !== undefined);
}

function distinct(keys: readonly Key[]): readonly Key[] {
  return [...new Map(keys.map((key) => [keyId(key), key])).values()];
}

/** The row that a pointer or an edge names. */
export function reference(item: Item | undefined): Key | undefined {
  const pk = item?.['refPk'];
  const sk = item?.['refSk'];
  return typeof pk === 'string' && typeof sk === 'string' ? { pk, sk } : undefined;
}
