import { randomUUID } from 'node:crypto';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { actionsEndpoint } from '../../lambda/crm/actions-endpoint.ts';
import type { HttpHandler } from '../../lambda/http/answer.ts';
import { recordsEndpoint } from '../../lambda/crm/records-endpoint.ts';
import { recordsStore, type RecordsStore } from '../../lambda/crm/records-store.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { call, callerContext, type Reply } from './endpoint-call.ts';
import { startTestEngine } from './engine.ts';
import { createRecordsTable } from './records-table.ts';

/** The CRM's endpoints on a real engine, with a records table of their own. A fault fails the test. */
export interface TestCrm {
  readonly store: RecordsStore;
  readonly records: HttpHandler;
  readonly actions: HttpHandler;
  stop(): Promise<void>;
}

export async function startCrm(): Promise<TestCrm> {
  const engine = await startTestEngine();
  const guard = breaker('store', 'DynamoDB', () => 0);
  const store = recordsStore(engine.client, await createRecordsTable(engine.client), guard);
  const settings = { store, trusted: compileOrigins(['https://crm.example.com']), log: unexpected };
  return {
    store,
    records: recordsEndpoint(settings),
    actions: actionsEndpoint(settings),
    stop: () => engine.stop(),
  };
}

function unexpected(line: object): never {
  throw new Error(`unexpected ${JSON.stringify(line)}`);
}

/** A member of an organization that no other test has. */
export const freshMember = (changes: Partial<AuthContext> = {}): AuthContext =>
  callerContext({ organizationId: `org-${randomUUID()}`, ...changes });

/** A member's extension token with every record scope. */
export const freshToken = (): AuthContext =>
  freshMember({
    credentialKind: 'extension_token',
    extensionId: 'com.example.mail',
    scopes: 'actions:invoke records:read records:write',
  });

export const execute = (endpoint: HttpHandler, context: AuthContext, body: unknown): Promise<Reply> =>
  call(endpoint, { method: 'POST', route: '/api/actions/execute', body, context });

/** An action on contacts. */
export const act = (
  endpoint: HttpHandler,
  context: AuthContext,
  action: string,
  input: object,
): Promise<Reply> => execute(endpoint, context, { action, input: { entity: 'contact', ...input } });

/** The body of an action that succeeds. */
export async function result(reply: Promise<Reply>): Promise<unknown> {
  const { status, body } = await reply;
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}
