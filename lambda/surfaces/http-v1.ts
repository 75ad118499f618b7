import { iamAnswer, type IamAnswer } from './iam-answer.ts';
import { readRequestEvent } from './request-event.ts';
import type { Surface } from './surface.ts';

/** HTTP API, payload format 1.0: the event of a REST API, and always an IAM policy. */
export const httpV1: Surface<IamAnswer> = {
  name: 'http-v1',
  read: (event) => readRequestEvent('http-v1', event),
  render: iamAnswer,
};
