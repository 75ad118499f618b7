import type { Oracle, Row, Strategy } from './better-auth.ts';
import { cacheLife, changedAt, forgedCache, pairsOf, type CachePayload, type Secrets } from './cookies.ts';
import type { CacheFacts } from './expected-session.ts';
import type { SessionCase } from './session-case.ts';

/** Does a changed `compact` cache decode to what it was? Of a `jwt` every character is signed. */
const isSameCache = (changed: string, whole: string, strategy: Strategy): boolean =>
  strategy === 'compact' &&
  !changed.includes('.') &&
  Buffer.from(changed, 'base64url').equals(Buffer.from(whole, 'base64url'));

interface Cached {
  readonly session: Row;
  readonly user: Row;
  /** The Cookie header with which Better Auth is asked for a cache of its own. */
  readonly ask: string;
  readonly secrets: Secrets;
}

/** The pairs of the cookie cache, and what it says where it is whole. @param now epoch milliseconds */
export async function cacheCookies(
  given: SessionCase,
  oracle: Oracle,
  name: string,
  now: number,
  { session, user, ask, secrets }: Cached,
): Promise<{ readonly pairs: readonly string[]; readonly facts?: CacheFacts }> {
  if (given.cache === 'absent') return { pairs: [] };
  const organizationId = given.cache === 'without organization' ? null : session['activeOrganizationId'];
  const expiresAt =
    given.strategy === 'compact' ? now + cacheLife * 1000 : (Math.floor(now / 1000) + cacheLife) * 1000;
  const facts: CacheFacts = {
    expiresAt,
    organizationId: typeof organizationId === 'string' ? organizationId : null,
  };
  if (given.cache === 'made by Better Auth') return { pairs: await oracle.cacheOf(ask), facts };

  const payload: CachePayload = {
    session: {
      ...session,
      ...(given.cache === 'of another session' ? { id: 'another', token: 'another' } : {}),
      activeOrganizationId: organizationId,
    },
    user,
    updatedAt: now,
    version: given.cache === 'of another version' ? '2' : '1',
  };
  const secret = given.token === 'older key' ? secrets.older : secrets.signing;
  const forged = (under = secret): string =>
    forgedCache(JSON.parse(JSON.stringify(payload)), given.strategy, under, now);
  const pairs = (value: string): readonly string[] => pairsOf(name, value);
  switch (given.cache) {
    case 'under another secret':
      return { pairs: pairs(forged(secrets.foreign)) };
    case 'changed': {
      const changed = changedAt(forged(), given.place, given.character);
      return {
        pairs: pairs(encodeURIComponent(changed)),
        ...(isSameCache(changed, forged(), given.strategy) ? { facts } : {}),
      };
    }
    case 'truncated':
      return { pairs: pairs(forged().slice(0, Math.floor(given.place * forged().length))) };
    case 'no base64':
      return { pairs: pairs(`!${forged().slice(1)}`) };
    case 'without a chunk':
      return { pairs: pairs(forged()).filter((_, index) => index !== Math.floor(given.place * 2)) };
    case 'another beside it':
      return { pairs: [...pairs(forged()), ...pairs(`${forged()}x`)] };
    case 'of another session':
    case 'of another version':
      return { pairs: pairs(forged()) };
    case 'forged by its rules':
    case 'without organization':
      return { pairs: pairs(forged()), facts };
  }
}
