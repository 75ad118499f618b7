import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authority } from '../../lambda/authorizer/authority.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import * as surfaces from '../../lambda/surfaces/index.ts';
import type { Surface } from '../../lambda/surfaces/surface.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { httpEvent, httpV1Event, restEvent, type Sent } from '../support/event.ts';
import { websocketEvent } from '../support/event-websocket.ts';
import { patientClient } from '../support/patient.ts';
import { cookieOf, environment, initech, keyOf, tokenWith } from '../support/world.ts';

let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());

/** All that a caller, and who watches the store, could tell two refusals apart by. */
interface Seen {
  readonly answer: unknown;
  /** Operations in order, with the number of items each asks for. */
  readonly requests: readonly string[];
}

async function seen(surface: Surface<unknown>, event: unknown): Promise<Seen> {
  const client = patientClient(world.engine);
  const requests: string[] = [];
  client.middlewareStack.add(
    (next, context) => (args) => {
      const input = JSON.stringify(Object(args)['input']);
      // When a key was last used is written once a minute, whatever is decided.
      if (context.commandName !== 'UpdateItemCommand') {
        requests.push(`${String(context.commandName)} of ${input.split('"pk"').length - 1}`);
      }
      return next(args);
    },
    { step: 'initialize', name: 'requests' },
  );
  const by = authority(
    readConfig({ ...environment, AUTH_TABLE_NAME: world.table }),
    { dynamodb: client, secretsManager: () => world.secrets.client() },
    world.clock,
  );
  const [settled] = await Promise.allSettled([world.serve(surface, by)(event)]);
  const answer = settled.status === 'fulfilled' ? settled.value : String(settled.reason);
  return { answer, requests };
}

const unknown = [
  'nowhere-at-all',
  'OrgNowhere0000000000000000000000',
  '0f8fad5b-d9cb-469f-a165-70867728950e',
];
const foreign = [initech.slug, initech.id];
/** No organization can have these names: asked for all the same. */
const impossible = ['No Such Thing', '!', 'x'.repeat(500), 'ümlaut'];

const credentials: readonly (readonly [string, Partial<Sent>])[] = [
  ['an API key', { headers: { 'X-Api-Key': keyOf('alice') } }],
  ['an organization’s key', { headers: { 'X-Api-Key': keyOf('organization') } }],
  ['a session', { cookie: cookieOf('alice'), headers: {} }],
  ['an extension token', { headers: { Authorization: `Bearer ${tokenWith()}` } }],
];
const doors: readonly (readonly [string, Surface<unknown>, (sent: Sent) => unknown])[] = [
  ['REST', surfaces.rest, restEvent],
  ['HTTP, payload 1.0', surfaces.httpV1, httpV1Event],
  ['HTTP, payload 2.0 with policies', surfaces.httpIam, httpEvent],
  ['HTTP, payload 2.0, simple', surfaces.http, httpEvent],
  ['WebSocket', surfaces.websocket, websocketEvent],
];

describe.each(doors)(
  '%s: an organization that does not exist and one the caller is not in',
  (_, surface, eventOf) => {
    test.each(credentials)(
      'get one answer and cost the same requests, asked for by %s',
      async (_kind, sent) => {
        const asking = (tenant: string): Promise<Seen> =>
          seen(
            surface,
            eventOf({
              method: 'GET',
              path: '/v1/whoami',
              ...sent,
              headers: { ...sent.headers, 'X-Tenant-Id': tenant },
            }),
          );
        const first = await asking(unknown[0] ?? '');
        expect(JSON.stringify(first.answer)).toMatch(/organization_(?:forbidden|mismatch)/);
        for (const tenant of [...unknown, ...foreign, ...impossible])
          expect([tenant, await asking(tenant)]).toEqual([tenant, first]);
      },
    );
  },
);

test('requests are seen: one that is let in has another answer', async () => {
  const { answer, requests } = await seen(
    surfaces.rest,
    restEvent({ method: 'GET', path: '/v1/whoami', headers: { 'X-Api-Key': keyOf('alice') } }),
  );
  expect(JSON.stringify(answer)).toContain('acme-corp');
  expect(requests.length).toBeGreaterThan(1);
});
