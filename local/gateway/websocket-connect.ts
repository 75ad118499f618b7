import type { LambdaRuntime } from '../lambda-runtime.ts';
import { askAuthorizer, PolicyAnswer, textContext } from './authorizer-answer.ts';
import { contextVariable } from './context-variable.ts';
import { headerOf } from './http-request.ts';
import { evaluatePolicy } from './policy.ts';
import { readProxyAnswer } from './proxy-response.ts';
import type { V2Authorizer } from './v2-template.ts';
import { connectArn, connectContext, connectEvent, connectQuestion } from './websocket-event.ts';
import type { Connection } from './websocket-event.ts';
import { within } from './within.ts';

/** Whether a handshake may be completed, and as whom. */
export type Admission =
  | {
      readonly admitted: true;
      readonly connection: Connection;
      /** What `Sec-WebSocket-Protocol` the function of `$connect` answers the handshake with. */
      readonly protocol?: string | undefined;
    }
  | {
      readonly admitted: false;
      readonly status: number;
      /** For the terminal, never for the client. */
      readonly problem?: string;
    };

/** API Gateway's limit on the answer of an authorizer of a WebSocket API, in bytes. */
const ANSWER_LIMIT = 8192;

/** Asks the authorizer of `$connect`, then its function. An API without that route lets everybody in. */
export async function admit(connection: Connection, runtime: LambdaRuntime): Promise<Admission> {
  const route = connection.api.routes.get('$connect');
  if (!route) return { admitted: true, connection };
  const authorized = route.authorizer ? await authorize(route.authorizer, connection, runtime) : connection;
  if ('admitted' in authorized) return authorized;

  const event = JSON.stringify(connectEvent(authorized));
  const result = await within(route.timeout, runtime.invoke(route.functionName, event));
  if (!result) return { admitted: false, status: 504, problem: `${route.functionName}: no answer in time` };
  if (!result.ok) {
    const problem = `${route.functionName}: ${result.errorType}: ${result.errorMessage}`;
    return { admitted: false, status: 502, problem };
  }
  const answer = readProxyAnswer(result.payload, false);
  if (!answer)
    return { admitted: false, status: 502, problem: `${route.functionName}: its answer is malformed` };
  if (answer.status < 200 || answer.status > 299) return { admitted: false, status: answer.status };
  const protocol = answer.headers.find(([name]) => name.toLowerCase() === 'sec-websocket-protocol')?.[1];
  return { admitted: true, connection: authorized, protocol };
}

/** The connection with the authorizer's word, or why there is none. */
async function authorize(
  { functionName, identitySources }: V2Authorizer,
  connection: Connection,
  runtime: LambdaRuntime,
): Promise<Connection | Extract<Admission, { admitted: false }>> {
  // One source that is missing or empty: refused without asking the function.
  if (identitySources.some((source) => !identityOf(source, connection)))
    return { admitted: false, status: 401 };
  const event = connectQuestion(connection);
  const asked = await askAuthorizer({
    runtime,
    functionName,
    event,
    schema: PolicyAnswer,
    size: ANSWER_LIMIT,
  });
  if (asked.outcome === 'unauthorized') return { admitted: false, status: 401 };
  if (asked.outcome !== 'answer')
    return { admitted: false, status: 500, problem: `authorizer ${functionName}: ${asked.problem}` };
  const verdict = evaluatePolicy(asked.answer.policyDocument, connectArn(connection));
  if (verdict !== 'allow') return { admitted: false, status: 403 };
  return { ...connection, authorizer: textContext(asked.answer) };
}

/** `route.request.header.X`, `route.request.querystring.X`, `context.X`, `stageVariables.X`. */
function identityOf(source: string, connection: Connection): string | undefined {
  const { request, api } = connection;
  const [, kind, name = ''] =
    /^(route\.request\.(?:header|querystring)|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  switch (kind) {
    case 'route.request.header':
      return headerOf(request, name);
    case 'route.request.querystring':
      return request.query.findLast(([each]) => each === name)?.[1];
    case 'context':
      return contextVariable(name, connectContext(connection));
    case 'stageVariables':
      return api.stageVariables?.[name];
    case undefined:
    default:
      return undefined;
  }
}
