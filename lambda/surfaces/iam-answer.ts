import { Fault } from '../core/fault.ts';
import type { Decision } from '../core/decide.ts';
import type { Allow } from '../core/model.ts';
import { denyPolicy, requestedPolicy, type PolicyDocument } from '../core/policy.ts';
import { allowContext, denyContext, principalId, type Context } from './context.ts';
import { keptAnswers } from './kept-answers.ts';
import { sizedPolicy } from './sized-policy.ts';
import type { Rendering } from './surface.ts';

/** "Output from an API Gateway Lambda authorizer" (API Gateway developer guide). */
export interface IamAnswer {
  readonly principalId: string;
  readonly policyDocument: PolicyDocument;
  readonly context: Context;
}

/** Bytes of a whole answer. WebSocket APIs refuse more; held everywhere, so that surfaces agree. */
const budget = 8192;

/** An answer as an IAM policy: complete if that fits, else for the requested route alone. */
export function iamAnswer(decision: Decision, rendering: Rendering): IamAnswer {
  if (decision.effect === 'allow') return allow(decision, rendering);
  return {
    principalId: decision.principal ? principalId(decision.principal) : 'anonymous',
    policyDocument: denyPolicy(rendering.request.api),
    context: denyContext(decision, rendering),
  };
}

function complete(decision: Allow, rendering: Rendering): IamAnswer | undefined {
  const policy = sizedPolicy(decision, rendering, budget);
  if (!policy) return undefined;
  const answer = answerWith(policy.document, decision);
  return policy.bytes + sizeOfRest(answer, budget - policy.bytes) <= budget ? answer : undefined;
}

function requested(decision: Allow, { request, table, trusted }: Rendering): IamAnswer {
  const answer = answerWith(requestedPolicy(decision, request, table, trusted), decision);
  // API Gateway would refuse it with an error that says nothing.
  if (Buffer.byteLength(JSON.stringify(answer)) > budget)
    throw new Fault('configuration', 'The scopes of the credential do not fit into an answer');
  return answer;
}

const allow = keptAnswers(complete, requested);

const answerWith = (policyDocument: PolicyDocument, decision: Allow): IamAnswer => ({
  principalId: principalId(decision.principal),
  policyDocument,
  context: allowContext(decision),
});

/** Bytes of an answer without its policy; more than that where even the most there could be is `enough`. */
function sizeOfRest(answer: IamAnswer, enough: number): number {
  let most = frame + answer.principalId.length * widest;
  for (const name in answer.context) {
    const value = answer.context[name];
    most += name.length + 6 + (typeof value === 'string' ? widest * value.length : longest);
  }
  return most <= enough ? most : Buffer.byteLength(JSON.stringify({ ...answer, policyDocument: 0 })) - 1;
}

const frame = JSON.stringify({ principalId: '', policyDocument: 0, context: {} }).length;

/** Bytes that one UTF-16 code unit takes at most in JSON: `\u0000`. */
const widest = 6;
/** Characters of the longest number or truth value: `-1.7976931348623157e+308`. */
const longest = 24;
