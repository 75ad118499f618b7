import type { WriteFailure } from './records-store.ts';
import { refuse, type Refusal } from '../http/refusal.ts';

const refusals: Readonly<Record<WriteFailure, Refusal>> = {
  missing: refuse('not_found', 'There is no record with this id.'),
  exists: refuse('conflict', 'There is already a record with this id.'),
  too_large: refuse('invalid_request', 'The record would be larger than 400 KB.'),
};

/** What a client is told about a write the store did not make. */
export const writeRefusal = (failure: WriteFailure): Refusal => refusals[failure];
