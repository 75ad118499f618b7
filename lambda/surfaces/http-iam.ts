import { readHttpEvent } from './http-event.ts';
import { iamAnswer, type IamAnswer } from './iam-answer.ts';
import type { Surface } from './surface.ts';

/** HTTP API, payload format 2.0, IAM policies. What it does with a thrown `Unauthorized` is not documented. */
export const httpIam: Surface<IamAnswer> = {
  name: 'http-iam',
  read: (event) => readHttpEvent('http-iam', event),
  render: iamAnswer,
};
