import { decide, type Decision } from '../core/decide.ts';
import { Fault } from '../core/fault.ts';
import type { AccessRequest } from '../core/model.ts';
import { routeTable } from '../core/route-table.ts';
import type { Clock } from '../runtime/clock.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { Log } from '../runtime/log.ts';
import { Unauthorized, type Surface } from '../surfaces/surface.ts';
import type { MeteredAuthority } from './authority.ts';
import { decisionLine, type Cost } from './decision-line.ts';

/** Milliseconds within which every request is answered, whatever hangs. */
export const decisionDeadline = 1500;

export type Authorizer<Response> = (event: unknown) => Promise<Response>;

/**
 * Reads an event of one surface, decides, records, and renders the answer.
 *
 * @throws {Unauthorized} where that is the surface's 401; {Fault} when we could not tell, which becomes 5xx
 */
export function authorizer<Response>(
  surface: Surface<Response>,
  authority: MeteredAuthority,
  clock: Clock,
  log: Log,
): Authorizer<Response> {
  let coldStart = true;
  return async (event) => {
    const startedAt = clock();
    const before = counted(authority);
    const cost = (): Cost => ({
      durationMs: clock() - startedAt,
      reads: authority.reads() - before.reads,
      writes: authority.writes() - before.writes,
      cache: { hits: authority.cacheHits() - before.hits, misses: authority.cacheMisses() - before.misses },
      coldStart,
      staleKeyRing: authority.isKeyRingStale(),
    });
    let request: AccessRequest | undefined;
    let outcome: Decision | 'fault' = 'fault';
    try {
      request = surface.read(event);
      const deciding = decide(authority, request, startedAt);
      // Most decisions wait for nothing, and what is there needs no clock.
      const decision =
        deciding instanceof Promise ? await withDeadline(decisionDeadline, deciding) : deciding;
      outcome = decision;
      return surface.render(decision, { request, table: authority.table, trusted: authority.trusted });
    } catch (cause) {
      // Not a failure but the surface's way to say 401.
      if (cause instanceof Unauthorized) throw cause;
      outcome = 'fault';
      throw fault(cause, log);
    } finally {
      log(decisionLine(request ?? unread(surface.name), authority.table, outcome, cost(), startedAt));
      coldStart = false;
    }
  };
}

/**
 * Stands in for an authorizer that could not be composed: every request is a fault, and is recorded as one, so
 * that the alarm on faults sees it.
 */
export function faulty<Response>(
  surface: Surface<Response>,
  reason: Fault,
  clock: Clock,
  log: Log,
): Authorizer<Response> {
  const cost: Cost = {
    durationMs: 0,
    reads: 0,
    writes: 0,
    cache: { hits: 0, misses: 0 },
    coldStart: true,
    staleKeyRing: false,
  };
  return async () => {
    log(decisionLine(unread(surface.name), routeTable([]), 'fault', cost, clock()));
    throw fault(reason, log);
  };
}

const counted = (authority: MeteredAuthority) => ({
  reads: authority.reads(),
  writes: authority.writes(),
  hits: authority.cacheHits(),
  misses: authority.cacheMisses(),
});

/** Says what failed by our own words alone: a cause's message may quote a secret or what was presented. */
function fault(cause: unknown, log: Log): Fault {
  const known = cause instanceof Fault ? cause : new Fault('configuration', 'Unexpected error', { cause });
  const root = known.cause instanceof Error ? known.cause.name : undefined;
  log({ event: 'fault', kind: known.kind, message: known.message, ...(root ? { cause: root } : {}) });
  return new Fault(known.kind, known.message);
}

/** Stands in the decision line for an event that could not be read. */
const unread = (surface: string): AccessRequest => ({
  id: '',
  surface,
  method: '',
  path: '',
  headers: new Map(),
  cookies: [],
  oversized: false,
  api: '',
});
