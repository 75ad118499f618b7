import type { Callers } from '../core/decide.ts';
import type { Caller, Credential } from '../core/model.ts';
import type { Tally } from '../runtime/cache.ts';
import { recent } from '../runtime/recent.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import type { SecretSource } from '../secrets/secret-source.ts';
import { digest } from '../store/keys.ts';

/** Where the keys are under which a kind of credential is signed. An API key is not signed. */
export interface Rings {
  readonly session: Pick<SecretSource, 'current'>;
  readonly extension_token: Pick<SecretSource, 'current'>;
}

interface Entry {
  readonly caller: Caller;
  /**
   * The cookie cache it was presented with. Kept as it is, since comparing is cheaper than a digest of a kilobyte:
   * without the session token's signature beside it nobody is let in by it.
   */
  readonly data?: string | undefined;
  /** Epoch milliseconds from which the caller has to be made anew. */
  readonly end: number;
  /** Under which the credential's signatures stood. */
  readonly ring?: KeyRing;
}

interface Named {
  readonly credential: Credential;
  readonly tenant: string | undefined;
  readonly name: string;
}

/** Entries of about a kilobyte. */
const capacity = 4096;

/**
 * Callers of a moment ago, so that whoever calls again costs one digest and one look-up. Nothing here outlives a
 * fact, an expiry or a revocation that the caller was made from (`end`), nor the ring its signatures stood under.
 */
export function rememberedCallers(rings: Rings): Callers & Tally {
  const entries = recent<Entry>(capacity);
  let hits = 0;
  let latest: Named | undefined;

  /** Asked twice for a credential that is not remembered: once to look, once to keep. */
  const nameOnce = (credential: Credential, tenant: string | undefined): string => {
    if (latest?.credential === credential && latest.tenant === tenant) return latest.name;
    const name = nameOf(credential, tenant);
    latest = { credential, tenant, name };
    return name;
  };

  return {
    hits: () => hits,
    // Whatever is not found here is looked for among the facts, which count it.
    misses: () => 0,
    recall(credential, tenant, now) {
      const name = nameOnce(credential, tenant);
      const entry = entries.get(name);
      if (!entry || entry.end <= now || entry.data !== dataOf(credential)) return undefined;
      // A ring that was fetched since may lack the key: ask everything again.
      if (credential.kind !== 'api_key' && rings[credential.kind].current() !== entry.ring) return undefined;
      hits += 1;
      return entry.caller;
    },
    remember(credential, tenant, caller, end, now) {
      if (credential.kind === 'api_key') {
        if (end > now) entries.set(nameOnce(credential, tenant), { caller, end });
        return;
      }
      const ring = rings[credential.kind].current();
      if (!ring) return;
      const until = Math.min(end, endOfSigners(ring, caller));
      if (until <= now) return;
      entries.set(nameOnce(credential, tenant), { caller, end: until, ring, data: dataOf(credential) });
    },
  };
}

/**
 * Until when the ring lets everything verify that the caller's credential was signed with; the beginning of time where
 * it lacks one of the keys. A `kid` is never used again. Epoch milliseconds.
 */
function endOfSigners({ keys }: KeyRing, { principal: { signedWith = [] } }: Caller): number {
  let end = Infinity;
  for (const kid of signedWith) {
    const key = keys.find((each) => each.kid === kid);
    if (!key) return Number.NEGATIVE_INFINITY;
    if (key.verifyUntil !== undefined) end = Math.min(end, key.verifyUntil * 1000);
  }
  return end;
}

const dataOf = (credential: Credential): string | undefined =>
  credential.kind === 'session' ? credential.cookies.data : undefined;

/** By digest: a dump of this process's memory would otherwise hold every credential it saw. */
function nameOf(credential: Credential, tenant = ''): string {
  switch (credential.kind) {
    case 'api_key':
      return `k ${tenant} ${digest(credential.key)}`;
    case 'extension_token':
      return `t ${tenant} ${digest(credential.token)}`;
    case 'session': {
      const { token } = credential.cookies;
      const dot = token.lastIndexOf('.');
      // Of the token alone, as its row is named: one digest for both. Its signature gives nothing away of it.
      return `s ${tenant} ${digest(token.slice(0, dot))} ${token.slice(dot + 1)}`;
    }
  }
}
