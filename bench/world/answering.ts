import { closeSync, openSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { authorizer, decisionDeadline } from '../../lambda/authorizer/authorizer.ts';
import { decide } from '../../lambda/core/decide.ts';
import { systemClock } from '../../lambda/runtime/clock.ts';
import { withDeadline } from '../../lambda/runtime/deadline.ts';
import type { IamAnswer } from '../../lambda/surfaces/iam-answer.ts';
import { rest } from '../../lambda/surfaces/rest.ts';

export type Answering = (event: unknown) => Promise<IamAnswer>;

/** Event → answer, as the authorizer does it but for recording: no counting, no decision line. */
export const answering =
  (authority: MeteredAuthority): Answering =>
  async (event) => {
    const request = rest.read(event);
    const deciding = decide(authority, request, systemClock());
    const decision = deciding instanceof Promise ? await withDeadline(decisionDeadline, deciding) : deciding;
    return rest.render(decision, { request, table: authority.table, trusted: authority.trusted });
  };

/** The authorizer itself, whose lines are written to a file that keeps nothing. */
export function recording(): {
  readonly on: (authority: MeteredAuthority) => Answering;
  readonly stop: () => void;
} {
  const sink = openSync(devNull, 'w');
  return {
    on: (authority) =>
      authorizer(rest, authority, systemClock, (line) => writeSync(sink, `${JSON.stringify(line)}\n`)),
    stop: () => closeSync(sink),
  };
}

/** An answer that allows anything. */
export const isAllow = (answer: unknown): boolean => JSON.stringify(answer).includes('"Effect":"Allow"');
