import { readFunctions } from '../../../local/functions.ts';
import { parseJson } from '../../../local/json.ts';
import { createRuntime, type LambdaRuntime } from '../../../local/lambda-runtime.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { member } from '../../contract/harness/http.ts';
import { restEvent } from '../../support/event.ts';
import type { Credential } from './credentials.ts';

/** What was answered, as the status that a client of the REST API would see. */
export interface Verdict {
  readonly status: number;
  readonly reason?: string;
}

/** One process of the deployed REST authorizer, asked directly, so that it is known which process answers. */
export interface AuthorizerProcess {
  readonly ask: (credential: Credential) => Promise<Verdict>;
  /** Ends the process; the next request meets one that starts. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** @param variables of its environment, over those of the stack */
export function authorizerProcess(
  { urls, template }: LocalStack,
  variables: Readonly<Record<string, string>> = {},
): AuthorizerProcess {
  const name = urls.functions['restAuthorizer'] ?? '';
  const specs = readFunctions(template).filter((spec) => spec.name === name);
  let reason: unknown;
  const start = (): LambdaRuntime =>
    createRuntime(specs, {
      region: urls.region,
      concurrency: 1,
      environment: {
        ...urls.configuration,
        AWS_ENDPOINT_URL_DYNAMODB: urls.dynamodb,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: urls.secretsManager,
        ...variables,
      },
      onLine: (_, line) => {
        const decision = line.includes('"decision"') ? parseJson(line) : undefined;
        if (decision) reason = member(decision, 'reason');
      },
    });
  let runtime = start();
  /** Requests under way: a process is not ended below one. */
  let last: Promise<unknown> = Promise.resolve();

  const invoke = async ({ headers }: Credential): Promise<Verdict> => {
    reason = undefined;
    const event = restEvent({ method: 'GET', path: '/v1/whoami', headers });
    const result = await runtime.invoke(name, JSON.stringify(event));
    const because = typeof reason === 'string' ? { reason } : {};
    if (!result.ok) return { status: result.errorMessage === 'Unauthorized' ? 401 : 503, ...because };
    const context = member(parseJson(result.payload), 'context');
    return { status: member(context, 'organizationId') === undefined ? 403 : 200, ...because };
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    ask: (credential) => inTurn(() => invoke(credential)),
    restart: () =>
      inTurn(async () => {
        await runtime.stop();
        runtime = start();
      }),
    stop: () => inTurn(() => runtime.stop()),
  };
}
