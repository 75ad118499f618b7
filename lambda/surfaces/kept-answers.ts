import type { Allow, Caller } from '../core/model.ts';
import type { OriginMatcher } from '../core/origin.ts';
import type { RouteTable } from '../core/route-table.ts';
import { acceptedOrigins } from './accepted-origins.ts';
import type { Rendering } from './surface.ts';

/** What an answer is made from besides the caller. */
interface Kept<Answer> {
  readonly table: RouteTable;
  readonly trusted: OriginMatcher;
  readonly api: string;
  readonly origins: string;
  /** For every route; absent where none is exact and short enough. */
  readonly complete: Answer | undefined;
  /** For the requested route alone, by method and path, which the client chooses. */
  readonly requested: Map<string, Answer>;
}

const paths = 16;

/**
 * Answers kept beside the caller they allow: the same caller on the same API is given the same answer, for as long
 * as the caller is remembered and no longer. Who receives an answer must not change it.
 *
 * @param complete makes the answer for every route, if there is one
 * @param requested makes the answer for the requested route
 */
export function keptAnswers<Answer>(
  complete: (decision: Allow, rendering: Rendering) => Answer | undefined,
  requested: (decision: Allow, rendering: Rendering) => Answer,
): (decision: Allow, rendering: Rendering) => Answer {
  const byCaller = new WeakMap<Caller, Kept<Answer>>();

  const keptFor = (caller: Caller, decision: Allow, rendering: Rendering): Kept<Answer> => {
    const { request, table, trusted } = rendering;
    const origins = acceptedOrigins(decision, rendering);
    const { api } = request;
    const kept = byCaller.get(caller);
    if (kept?.table === table && kept.trusted === trusted && kept.api === api && kept.origins === origins) {
      return kept;
    }
    const made = {
      table,
      trusted,
      api,
      origins,
      complete: complete(decision, rendering),
      requested: new Map(),
    };
    byCaller.set(caller, made);
    return made;
  };

  return (decision, rendering) => {
    const { remembered } = decision;
    if (!remembered) return complete(decision, rendering) ?? requested(decision, rendering);
    const kept = keptFor(remembered, decision, rendering);
    if (kept.complete) return kept.complete;
    const name = `${rendering.request.method} ${rendering.request.path}`;
    const found = kept.requested.get(name);
    if (found) return found;
    const made = requested(decision, rendering);
    const [oldest] = kept.requested.keys();
    if (kept.requested.size >= paths && oldest !== undefined) kept.requested.delete(oldest);
    kept.requested.set(name, made);
    return made;
  };
}
