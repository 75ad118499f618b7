import { createAuthMiddleware } from 'better-auth/api';
import * as v from 'valibot';
import { unkept } from '../core/lease.ts';
import type { Facts } from '../store/facts.ts';
import type { NoteOrganization } from '../store/key-organization.ts';
import { digest } from '../store/keys.ts';

/** What `/api-key/create` answers, of a user's key. */
const created = v.object({ key: v.string(), referenceId: v.string(), configId: v.literal('default') });

/**
 * A new key of a user says from the start where it will act. As best it can: the key is made, and without the note
 * its first use costs two round trips more and notes it then.
 */
export const noteOrganizationOfNewKeys = (facts: Facts, note: NoteOrganization) =>
  createAuthMiddleware(async ({ path, context: { returned } }) => {
    if (path !== '/api-key/create' || !v.is(created, returned)) return;
    try {
      const first = await facts.firstMembership(returned.referenceId, unkept, undefined, {});
      if (first) await note(digest(returned.key), first.organization.id, first.mark ?? null);
    } catch {
      // Nobody is to be told that a key failed which is there.
    }
  });
