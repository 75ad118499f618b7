import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack, type LocalStack } from '../../../local/stack.ts';
import { writeStackFile } from '../../../local/stack-file.ts';
import { signUp, type Person } from '../../contract/harness/person.ts';
import { createKey, found, installation, mustBe } from '../../contract/harness/world.ts';
import { authorizerProcess, type AuthorizerProcess } from './authorizer-process.ts';
import { credentials, type Credentials } from './credentials.ts';
import { openGate, type Gate } from './gate.ts';
import { rings, type Rings } from './rings.ts';
import { watchMachine, type Machine } from './machine.ts';

/** Seconds; production's proportions, a hundredth or so of its times. */
export interface LoadBounds {
  readonly ttl: number;
  readonly stale: number;
  readonly publishDelay: number;
}

/** A local stack under scaled-down bounds, with somebody in it, and two processes of the authorizer beside it. */
export interface Place {
  readonly directory: string;
  readonly stack: LocalStack;
  readonly bounds: LoadBounds;
  readonly rings: Rings;
  readonly credentials: Credentials;
  /** The one that starts cold again and again. */
  readonly cold: AuthorizerProcess;
  /** The one that loses Secrets Manager. */
  readonly cutOff: AuthorizerProcess;
  readonly gate: Gate;
  readonly machine: Machine;
  readonly person: Person;
  readonly stop: () => Promise<void>;
}

export const extensions = ['one', 'two', 'three', 'four'].map((name) => `com.example.${name}`);

export async function openPlace(bounds: LoadBounds, concurrency: number): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'rotation-load-'));
  const ends: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of ends.toReversed()) await end();
  };
  try {
    let stack: LocalStack | undefined = undefined;
    const known = rings(() => {
      if (!stack) throw new Error('the stack is not there yet');
      return stack;
    });
    ends.push(known.stop);
    const started = await startStack({
      directory,
      concurrency,
      functions: {
        KEY_RING_TTL_SECONDS: String(bounds.ttl),
        KEY_RING_STALE_SECONDS: String(bounds.stale),
        KEY_RING_PUBLISH_SECONDS: String(bounds.publishDelay),
      },
      onProgress: known.hear,
    });
    stack = started;
    ends.push(() => started.stop());
    // Where authctl finds it.
    writeStackFile(directory, started.urls, undefined);
    const { rest, secretsManager } = started.urls;
    await Promise.all([known.current('extension-token'), known.current('better-auth')]);

    const person = await signUp(rest, rest, 'alice');
    const { id } = await found(person, 'acme-corp');
    await mustBe(200, person.post('/api/auth/organization/set-active', { organizationId: id }));
    for (const extension of extensions) {
      const path = `/v1/extensions/${extension}/installation`;
      await mustBe(200, person.ask(path, { method: 'PUT', json: installation }));
    }
    const key = await createKey(person);
    const gate = await openGate(secretsManager);
    const cutOff = authorizerProcess(started, { AWS_ENDPOINT_URL_SECRETS_MANAGER: gate.endpoint });
    const cold = authorizerProcess(started);
    const machine = watchMachine();
    ends.push(gate.stop, cutOff.stop, cold.stop, machine.stop);
    return {
      directory,
      stack: started,
      bounds,
      rings: known,
      credentials: credentials({ rest, person, key, extensions, rings: known }),
      cold,
      cutOff,
      gate,
      machine,
      person,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
