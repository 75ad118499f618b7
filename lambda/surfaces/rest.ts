import type { Decision } from '../core/decide.ts';
import { isUnauthenticated } from './context.ts';
import { iamAnswer, type IamAnswer } from './iam-answer.ts';
import { readRequestEvent } from './request-event.ts';
import { Unauthorized, type Rendering, type Surface } from './surface.ts';

/** REST API, REQUEST authorizer. */
export const rest: Surface<IamAnswer> = {
  name: 'rest',
  read: (event) => readRequestEvent('rest', event),
  render: iamAnswerOr401,
};

/** REST and WebSocket APIs answer 401 to a failure with the message `Unauthorized`, 403 to a Deny. */
export function iamAnswerOr401(decision: Decision, rendering: Rendering): IamAnswer {
  if (isUnauthenticated(decision)) throw new Unauthorized();
  return iamAnswer(decision, rendering);
}
