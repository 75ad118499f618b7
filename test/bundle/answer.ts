import { expect } from '@jest/globals';
import type { AuthorizerCase } from '../../events/source/cases.ts';
import type { EndpointCase } from '../../events/source/endpoints.ts';
import { denialClass } from '../../lambda/core/denial.ts';
import { isAllowed } from '../support/iam.ts';

/** What an invocation came to, whoever ran it. */
export type Outcome = { readonly answer: unknown } | { readonly error: string };

/**
 * Asks until there is an answer, five times at most: the deadlines are those of production, which a process that
 * has just started on a busy machine may miss. That they are kept is tested elsewhere, and no event is to miss one.
 */
export async function patiently(ask: () => Promise<Outcome>): Promise<Outcome> {
  let outcome = await ask();
  for (let again = 0; again < 4 && isLate(outcome); again += 1) outcome = await ask();
  return outcome;
}

const isLate = (outcome: Outcome): boolean =>
  'error' in outcome
    ? outcome.error === 'DynamoDB did not answer'
    : String(Object(outcome.answer).body).includes('Try again in a moment');

/** The answers of the contract (§5) to one decision, by the function that gives it. */
export function expectDecision(
  functionName: string,
  { event, expected }: AuthorizerCase,
  outcome: Outcome,
): void {
  if ('fault' in expected) {
    expect(outcome).toEqual({ error: expect.any(String) });
    expect(outcome).not.toEqual({ error: 'Unauthorized' });
    return;
  }
  const rejects = ['RestAuthorizer', 'RestTokenAuthorizer', 'WebSocketAuthorizer'].includes(functionName);
  if ('deny' in expected && denialClass(expected.deny) === 'unauthenticated' && rejects) {
    expect(outcome).toEqual({ error: 'Unauthorized' });
    return;
  }
  const context = 'allow' in expected ? expected.allow : { reason: expected.deny };
  const { answer } = 'answer' in outcome ? outcome : { answer: outcome.error };
  expect(answer).toMatchObject({ context });
  if (functionName === 'HttpAuthorizer') expect(answer).toHaveProperty('isAuthorized', 'allow' in expected);
  else expectPolicy(answer, String(event['methodArn'] ?? event['routeArn']), 'allow' in expected);
}

interface PolicyAnswer {
  readonly policyDocument: Parameters<typeof isAllowed>[0];
}
const isPolicyAnswer = (answer: unknown): answer is PolicyAnswer =>
  typeof answer === 'object' && answer !== null && 'policyDocument' in answer;

function expectPolicy(answer: unknown, resource: string, allowed: boolean): void {
  if (!isPolicyAnswer(answer)) throw new Error('The answer holds no policy');
  expect(isAllowed(answer.policyDocument, resource)).toBe(allowed);
}

export function expectResponse({ status, body }: EndpointCase, outcome: Outcome): void {
  expect(outcome).toMatchObject({ answer: { statusCode: status } });
  if (!body || !('answer' in outcome)) return;
  const text: unknown = Object(outcome.answer).body;
  expect(JSON.parse(String(text))).toMatchObject(body);
}
