import { Fault } from '../core/fault.ts';
import type { Decision } from '../core/decide.ts';
import type { Allow } from '../core/model.ts';
import { denyPolicy, requestedPolicy, type PolicyDocument } from '../core/policy.ts';
import { allowContext, denyContext, principalId, type Context } from './context.ts';
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

function allow(decision: Allow, rendering: Rendering): IamAnswer {
  const answer = (policyDocument: PolicyDocument): IamAnswer => ({
    principalId: principalId(decision.principal),
    policyDocument,
    context: allowContext(decision),
  });
  const { document, bytes } = sizedPolicy(decision, rendering);
  const complete = answer(document);
  if (bytes + sizeOfRest(complete) <= budget) return complete;
  const { request, table, trusted } = rendering;
  const requested = answer(requestedPolicy(decision, request, table, trusted));
  // API Gateway would refuse it with an error that says nothing.
  if (!fits(requested))
    throw new Fault('configuration', 'The scopes of the credential do not fit into an answer');
  return requested;
}

const fits = (answer: IamAnswer): boolean => Buffer.byteLength(JSON.stringify(answer)) <= budget;

/** Bytes of an answer without its policy. */
const sizeOfRest = (answer: IamAnswer): number =>
  Buffer.byteLength(JSON.stringify({ ...answer, policyDocument: 0 })) - 1;
