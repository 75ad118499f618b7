import * as v from 'valibot';
import { parseJson } from '../json.ts';
import type { LambdaRuntime } from '../lambda-runtime.ts';
import { PolicyDocument } from './policy.ts';
import { within } from './within.ts';

/**
 * An answer with a policy, as REST and WebSocket APIs take it: objects and arrays in the context are a fault.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
 */
export const PolicyAnswer = v.object({
  principalId: v.string(),
  policyDocument: PolicyDocument,
  context: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
});
export type PolicyAnswer = v.InferOutput<typeof PolicyAnswer>;

/** What `$context.authorizer` holds and the endpoint is told: text only, whatever the authorizer sent. */
export type AuthorizerContext = Readonly<Record<string, string>>;

export function textContext({ context, principalId }: PolicyAnswer): AuthorizerContext {
  const entries = Object.entries(context).map(([name, value]) => [name, String(value)]);
  return { ...Object.fromEntries(entries), principalId };
}

export type Asked<Answer> =
  | { readonly outcome: 'answer'; readonly answer: Answer }
  /** It threw an error with exactly the message `Unauthorized`. */
  | { readonly outcome: 'unauthorized' }
  /** It failed, or took too long. */
  | { readonly outcome: 'failure'; readonly problem: string }
  | { readonly outcome: 'invalid'; readonly problem: string };

export interface Question<Schema> {
  readonly runtime: LambdaRuntime;
  readonly functionName: string;
  readonly event: object;
  readonly schema: Schema;
  /** Milliseconds to wait. @default as long as the function may take */
  readonly patience?: number;
  /** Bytes an answer may have. @default no limit of its own */
  readonly size?: number;
}

/** Asks an authorizer function, and checks its answer. Its `problem` is for the terminal, never for the client. */
export async function askAuthorizer<Schema extends v.GenericSchema<unknown, unknown>>(
  question: Question<Schema>,
): Promise<Asked<v.InferOutput<Schema>>> {
  const { runtime, functionName, event, schema, patience, size = Infinity } = question;
  const invocation = runtime.invoke(functionName, JSON.stringify(event));
  const result = await (patience === undefined ? invocation : within(patience, invocation));
  if (!result) return { outcome: 'failure', problem: `no answer within ${patience} ms` };
  if (!result.ok) {
    if (result.errorMessage === 'Unauthorized') return { outcome: 'unauthorized' };
    return { outcome: 'failure', problem: `${result.errorType}: ${result.errorMessage}` };
  }
  if (Buffer.byteLength(result.payload) > size) {
    return { outcome: 'invalid', problem: `its answer is longer than ${size} bytes` };
  }
  const answer = v.safeParse(schema, parseJson(result.payload));
  if (answer.success) return { outcome: 'answer', answer: answer.output };
  const [issue] = answer.issues;
  const where = v.getDotPath(issue) ?? 'answer';
  return { outcome: 'invalid', problem: `its answer is not valid: ${where}: ${issue.message}` };
}
