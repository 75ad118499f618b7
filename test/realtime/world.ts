import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { createHash } from 'node:crypto';
import { connections } from '../../lambda/realtime/connections.ts';
import { realtime, type RealtimeAnswer } from '../../lambda/realtime/realtime.ts';
import { decideAgain } from '../../lambda/realtime/standing.ts';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { facts } from '../../lambda/store/facts.ts';
import { revocations } from '../../lambda/store/revocations.ts';
import { identityTable } from '../../lambda/store/identity-table.ts';
import { websocket } from '../../lambda/surfaces/index.ts';
import { apiKey } from '../support/api-key.ts';
import { put, startAuthorizer } from '../support/authorizer.ts';
import type { TestClock } from '../support/clock.ts';
import { startFront, type DynamodbFront } from '../support/dynamodb-front.ts';
import { api } from '../support/request.ts';
import * as world from '../support/world.ts';
import { startManagementApi, type TestManagementApi } from './management-api.ts';

type Item = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };
type Headers = Readonly<Record<string, string>>;

export const extension = 'com.example.live';
const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
const organizationKey = apiKey('live', 'OrganizationLive');

/** What each kind of caller presents when connecting; all may. */
export const presented = {
  session: { Cookie: world.cookieOf('alice'), Origin: world.trustedOrigin },
  apiKey: { 'x-api-key': world.keyOf('bob') },
  organizationKey: { 'x-api-key': organizationKey },
  extensionToken: {
    'Sec-WebSocket-Protocol': `crm.v1, bearer.${world.tokenWith({
      aud: extension,
      extension_id: extension,
      scopes: ['realtime:connect', 'records:read'],
    })}`,
  },
} as const;
export type Kind = keyof typeof presented;

const found = (pk: string): Item => {
  const row = world.rows.find((each) => each.pk === pk);
  if (!row) throw new Error('No such row');
  return row;
};

/** The rows that access hangs on here, for a test to change. */
export const rows = {
  session: found(`session#${digest(world.tokenOf('alice'))}`),
  apiKey: found(`apikey#${digest(world.keyOf('bob'))}`),
  organizationKey: {
    pk: `apikey#${digest(organizationKey)}`,
    sk: '#',
    id: 'KeyOrganizationLive',
    configId: 'organization',
    referenceId: world.acme.id,
    enabled: true,
    permissions: '{"realtime":["connect"],"records":["read"]}',
  },
  installation: {
    pk: `installation#${world.acme.id}`,
    sk: extension,
    organizationId: world.acme.id,
    extensionId: extension,
    enabled: true,
    scopes: ['realtime:connect', 'records:read'],
  },
  membership: (userId: string): Item => {
    const row = world.rows.find(({ pk, sk }) => pk === `member.userId#${userId}` && sk === world.acme.id);
    if (!row) throw new Error('No such membership');
    return row;
  },
  organization: found(`organization#${world.acme.id}`),
};

/** Pointers by id, as the adapter writes them for the unique field `id`. */
const pointer = (model: string, { id, pk, sk }: Item) => ({
  pk: `${model}.id#${String(id)}`,
  sk: '#',
  refPk: pk,
  refSk: sk,
});

export interface OpenConnection {
  /** What the authorizer said when it connected. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly connect: () => Promise<RealtimeAnswer>;
  /** The client sends something. */
  readonly message: () => Promise<RealtimeAnswer>;
  readonly disconnect: () => Promise<RealtimeAnswer>;
}

export interface RealtimeWorld {
  readonly clock: TestClock;
  readonly gateway: TestManagementApi;
  readonly front: DynamodbFront;
  readonly lines: Readonly<Record<string, unknown>>[];
  /** Asks the WebSocket authorizer, and opens a connection with its answer. */
  open(headers: Headers): Promise<OpenConnection>;
  /** Events of a connection that no authorizer let in. */
  unauthorized(): OpenConnection;
  put(...items: readonly object[]): Promise<void>;
  remove(item: Item): Promise<void>;
  handle(event: unknown): Promise<RealtimeAnswer>;
  stop(): Promise<void>;
}

/** The endpoint on a real engine, in the world of `test/support/world.ts`, and AWS's side of its connections. */
export async function startRealtime(): Promise<RealtimeWorld> {
  const [authorizer, gateway] = await Promise.all([startAuthorizer(), startManagementApi()]);
  const { engine, table, clock } = authorizer;
  const front = await startFront(engine.endpoint);
  const lines: Readonly<Record<string, unknown>>[] = [];
  const management = new ApiGatewayManagementApiClient({
    ...clientSettings({ requestTimeout: 1000 }),
    endpoint: gateway.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const store = identityTable(front.client, table, breaker('store', 'DynamoDB', clock));
  const handle = realtime({
    decideAgain: decideAgain(facts(store, 15_000, clock), revocations(store, 5000, clock)),
    connections: connections(management, breaker('gateway', 'API Gateway', clock)),
    clock,
    log: (line) => lines.push(line),
  });
  const decide = authorizer.serve(websocket);
  await put(engine.client, table, [
    rows.organizationKey,
    rows.installation,
    pointer('session', rows.session),
    pointer('apikey', rows.apiKey),
    pointer('apikey', rows.organizationKey),
  ]);

  const connection = (headers: Headers, context: Readonly<Record<string, unknown>>): OpenConnection => {
    const connectedAt = clock();
    const told = Object.keys(context).length === 0 ? {} : { authorizer: asText(context) };
    const event = (eventType: string, more: object = {}) =>
      handle({
        ...more,
        requestContext: {
          ...told,
          eventType,
          connectionId: 'connection=1',
          connectedAt,
          requestId: `${eventType}-1`,
          routeKey: '$default',
        },
        isBase64Encoded: false,
      });
    return {
      context,
      connect: () => event('CONNECT', { headers, multiValueHeaders: lists(headers) }),
      message: () => event('MESSAGE', { body: '{"action":"who"}' }),
      disconnect: () => event('DISCONNECT', { headers: {}, multiValueHeaders: {} }),
    };
  };
  return {
    clock,
    gateway,
    front,
    lines,
    handle,
    async open(headers) {
      const { context } = await decide({
        type: 'REQUEST',
        methodArn: `${api}/$connect`,
        headers,
        multiValueHeaders: lists(headers),
        requestContext: { requestId: 'connect', identity: { sourceIp: '192.0.2.7' } },
      });
      return connection(headers, context);
    },
    unauthorized: () => connection({}, {}),
    put: (...items) => put(engine.client, table, items),
    async remove({ pk, sk }) {
      const Key = { pk: { S: pk }, sk: { S: sk } };
      await engine.client.send(new DeleteItemCommand({ TableName: table, Key }));
    },
    async stop() {
      management.destroy();
      await Promise.all([front.stop(), gateway.stop()]);
      await authorizer.stop();
    },
  };
}

/** WebSocket APIs hand every value of a context on as text, beside members of their own. */
const asText = (context: Readonly<Record<string, unknown>>) => ({
  ...Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)])),
  principalId: 'user:u',
  integrationLatency: 12,
});

const lists = (headers: Headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
