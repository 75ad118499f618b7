import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { authority, type MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { decide, type Decision } from '../../lambda/core/decide.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import type { TestAuthorizer } from './authorizer.ts';
import type { TestEngine } from './engine.ts';
import { restEvent, type Sent } from './event.ts';
import { environment } from './world.ts';

/**
 * A client that waits for as long as it takes. Tests that count answers use it: with the patience of the decision
 * path, a busy machine would make some of them faults.
 */
export function patientClient(engine: TestEngine): DynamoDBClient {
  const client = engine.newClient();
  const send = client.send.bind(client);
  // Without the options: they carry the signal that ends the wait.
  const patiently = (command: Parameters<typeof send>[0]) => send(command);
  return Object.assign(client, { send: patiently });
}

/** A new process of the authorizer, with such a client. @param variables of the environment, over those of the world */
export function patientProcess(
  world: TestAuthorizer,
  variables: Readonly<Record<string, string>> = {},
): MeteredAuthority {
  const secretsManager = world.secrets.client();
  return authority(
    readConfig({ ...environment, AUTH_TABLE_NAME: world.table, ...variables }),
    { dynamodb: patientClient(world.engine), secretsManager: () => secretsManager },
    world.clock,
  );
}

/** What is decided about one REST request. */
export const decisionOf = async (
  by: MeteredAuthority,
  world: TestAuthorizer,
  sent: Partial<Sent>,
): Promise<Decision> =>
  decide(by, rest.read(restEvent({ method: 'GET', path: '/v1/whoami', ...sent })), world.clock());

/** `allow`, or the reason of the refusal. */
export async function decided(
  by: MeteredAuthority,
  world: TestAuthorizer,
  sent: Partial<Sent>,
): Promise<string> {
  const decision = await decisionOf(by, world, sent);
  return decision.effect === 'allow' ? 'allow' : decision.reason;
}
