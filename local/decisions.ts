import { appendFileSync, chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { isObject, parseJson } from './json.ts';
import type { JsonObject } from './json.ts';

/** The decisions the authorizers recorded since the stack started. */
export interface Decisions {
  /** Takes a line a function wrote; keeps it if it is a decision. */
  accept(line: string): void;
  /** The latest, oldest first. */
  recent(): readonly JsonObject[];
  /** The decision about one request, if it is in by then. Waits at most this long, in milliseconds. */
  of(requestId: string, patience: number): Promise<JsonObject | undefined>;
  /** Calls back for each new decision until the returned function is called. */
  subscribe(listener: (decision: JsonObject) => void): () => void;
}

const KEPT = 200;

/** @param file every decision is appended to it, one JSON line each; undefined keeps none */
export function openDecisions(file: string | undefined): Decisions {
  if (file !== undefined) prepare(file);
  const recent: JsonObject[] = [];
  const listeners = new Set<(decision: JsonObject) => void>();
  const find = (requestId: string): JsonObject | undefined =>
    recent.findLast((decision) => decision['requestId'] === requestId);

  const subscribe = (listener: (decision: JsonObject) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    accept: (line) => {
      // Most lines are something else, and are not worth parsing.
      const decision = line.includes('"decision"') ? parseJson(line) : undefined;
      if (!isObject(decision) || decision['event'] !== 'decision') return;
      if (file !== undefined) appendFileSync(file, `${line}\n`);
      recent.push(decision);
      if (recent.length > KEPT) recent.shift();
      for (const listener of listeners) listener(decision);
    },
    recent: () => recent,
    subscribe,
    of: (requestId, patience) => {
      const known = find(requestId);
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => {
        const done = (decision: JsonObject | undefined): void => {
          clearTimeout(timer);
          unsubscribe();
          resolve(decision);
        };
        const timer = setTimeout(done, patience, undefined);
        const unsubscribe = subscribe((decision) => {
          if (decision['requestId'] === requestId) done(decision);
        });
      });
    },
  };
}

/** Decisions name users and organizations: for the owner's eyes only. */
function prepare(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file)) chmodSync(file, 0o600);
  else appendFileSync(file, '', { mode: 0o600 });
}
