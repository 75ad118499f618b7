import { randomUUID } from 'node:crypto';
import type { Mutation } from './action.ts';
import { present, type Collection, type CrmRecord, type Fields } from './record.ts';
import type { RecordsStore, WriteFailure } from './records-store.ts';
import { refuse, type Refusal } from '../http/refusal.ts';
import { writeRefusal } from './write-refusal.ts';

/** Performs a mutation. Whether the record is there is decided by the write's own condition, not before it. */
export async function mutate(
  store: RecordsStore,
  within: Collection,
  mutation: Mutation,
): Promise<{ readonly result: object } | Refusal> {
  switch (mutation.operation) {
    case 'create':
      return written(
        mutation.id === undefined
          ? await add(store, within, mutation.data)
          : await store.create(within, mutation.id, mutation.data),
      );
    case 'update':
      return written(await store.update(within, mutation.id, mutation.data));
    case 'upsert':
      return mutation.id === undefined
        ? written(await add(store, within, mutation.data))
        : upsert(store, within, mutation.id, mutation.data);
    case 'delete': {
      const outcome = await store.remove(within, mutation.id);
      return outcome === 'missing' ? writeRefusal(outcome) : { result: { id: mutation.id } };
    }
  }
}

const written = (outcome: CrmRecord | WriteFailure): { readonly result: object } | Refusal =>
  typeof outcome === 'string' ? writeRefusal(outcome) : { result: present(outcome) };

/** Creates a record under an id of ours. */
export async function add(
  store: RecordsStore,
  within: Collection,
  fields: Fields,
): Promise<CrmRecord | 'too_large'> {
  const id = randomUUID();
  const outcome = await store.create(within, id, fields);
  // Nobody else has this id: it is taken by our own first attempt, whose answer was lost.
  return outcome === 'exists' ? { id, fields } : outcome;
}

/** Others may create and delete the record between our two writes this many times. */
const attempts = 3;

/** Sets the named fields of the record if it is there, as an update does, and creates it if it is not. */
async function upsert(
  store: RecordsStore,
  within: Collection,
  id: string,
  fields: Fields,
): Promise<{ readonly result: object } | Refusal> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const updated = await store.update(within, id, fields);
    if (updated !== 'missing') return written(updated);
    const created = await store.create(within, id, fields);
    if (created !== 'exists') return written(created);
  }
  return refuse('conflict', 'The record was created and deleted by others at the same time.');
}
