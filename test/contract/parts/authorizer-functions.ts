import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import { credentials } from '../harness/secrets.ts';
import type { World } from '../harness/world.ts';

const api = 'arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod';
type Headers = Readonly<Record<string, string>>;

const requestEvent = (headers: Headers) => ({
  type: 'REQUEST',
  methodArn: `${api}/GET/v1/whoami`,
  resource: '/v1/whoami',
  path: '/v1/whoami',
  httpMethod: 'GET',
  headers,
  multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  requestContext: { requestId: 'request', identity: { sourceIp: '192.0.2.1' } },
});
const tokenEvent = ({ authorization }: Headers) => ({
  type: 'TOKEN',
  methodArn: `${api}/GET/v1/whoami`,
  authorizationToken: authorization,
});
const secondEvent = (headers: Headers) => ({
  version: '2.0',
  type: 'REQUEST',
  routeArn: `${api}/GET/v1/whoami`,
  routeKey: 'GET /v1/whoami',
  identitySource: null,
  rawPath: '/v1/whoami',
  headers,
  requestContext: {
    requestId: 'request',
    http: { method: 'GET', path: '/v1/whoami', sourceIp: '192.0.2.1' },
  },
});
const connectEvent = (headers: Headers) => ({
  type: 'REQUEST',
  methodArn: `${api}/$connect`,
  headers,
  requestContext: {
    requestId: 'request',
    routeKey: '$connect',
    eventType: 'CONNECT',
    connectionId: 'c',
    identity: { sourceIp: '192.0.2.1' },
  },
});

/** Name in stack.json, event, and how it answers: contract §5. */
const functions = [
  { name: 'restAuthorizer', event: requestEvent, throws: true, simple: false },
  { name: 'restTokenAuthorizer', event: tokenEvent, throws: true, simple: false },
  { name: 'httpAuthorizer', event: secondEvent, throws: false, simple: true },
  { name: 'httpIamAuthorizer', event: secondEvent, throws: false, simple: false },
  { name: 'websocketAuthorizer', event: connectEvent, throws: true, simple: false },
] as const;

/** Each authorizer by its name in stack.json, as its API calls it: the shape of each answer. */
export function authorizerFunctionTests(world: () => World): void {
  let client: LambdaClient;
  beforeAll(() => {
    const { lambda: endpoint, region } = world().stack.urls;
    client = new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 });
  });
  afterAll(() => client.destroy());

  describe.each(functions)('$name', ({ name, event, throws, simple }) => {
    const invoke = async (sent: unknown): Promise<{ readonly payload: unknown; readonly error: unknown }> => {
      const { Payload, FunctionError: error } = await client.send(
        new InvokeCommand({
          FunctionName: world().stack.urls.functions[name],
          Payload: JSON.stringify(sent),
        }),
      );
      return { payload: JSON.parse(Payload?.transformToString() ?? 'null'), error };
    };
    const bearer = (value: string): Headers => ({ authorization: `Bearer ${value}` });
    const deny = {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: [`${api}/*`] }],
    };

    test('allows in the shape of its API, with the context', async () => {
      const { alice, acme, keys } = world();
      const { payload, error } = await invoke(event(bearer(keys.alice.key)));
      expect(error).toBeUndefined();
      expect(member(payload, 'context')).toEqual({
        organizationId: acme.id,
        organizationSlug: acme.slug,
        userId: alice.id,
        role: 'owner',
        credentialKind: 'api_key',
        credentialId: keys.alice.id,
        scopes: '*',
      });
      const members = simple ? ['context', 'isAuthorized'] : ['context', 'policyDocument', 'principalId'];
      expect(Object.keys(Object(payload)).toSorted()).toEqual(members);
      if (simple) expect(member(payload, 'isAuthorized')).toBe(true);
      else expect(member(payload, 'principalId')).toBe(`user:${alice.id}`);
    });

    test('says unauthenticated as its API can', async () => {
      for (const authorization of ['Bearer hello', 'Basic x', `Bearer ${'a'.repeat(64)}`]) {
        const { payload, error } = await invoke(event({ authorization }));
        if (throws) {
          expect([error, member(payload, 'errorMessage')]).toEqual(['Unhandled', 'Unauthorized']);
        } else {
          expect(error).toBeUndefined();
          expect(member(member(payload, 'context'), 'reason')).toMatch(/^credential_/);
          if (simple) expect(member(payload, 'isAuthorized')).toBe(false);
          else expect(member(payload, 'policyDocument')).toEqual(deny);
        }
      }
    });

    test('says forbidden by its answer, with the reason', async () => {
      const { payload, error } = await invoke(event(bearer(world().keys.carol.key)));
      expect(error).toBeUndefined();
      expect(member(payload, 'context')).toEqual({ reason: 'organization_missing' });
      if (simple)
        expect(payload).toEqual({ isAuthorized: false, context: { reason: 'organization_missing' } });
      else expect(member(payload, 'policyDocument')).toEqual(deny);
    });

    test('takes the event of another API for a fault: any other message', async () => {
      const good = bearer(world().keys.alice.key);
      const arn = name === 'restAuthorizer' || name === 'websocketAuthorizer' ? tokenEvent : requestEvent;
      for (const sent of [null, {}, [], 'x', arn(good), { ...event(good), methodArn: '*', routeArn: '*' }]) {
        const { payload, error } = await invoke(sent);
        expect(error).toBe('Unhandled');
        expect(member(payload, 'errorMessage')).toEqual(expect.stringMatching(/./));
        expect(member(payload, 'errorMessage')).not.toBe('Unauthorized');
      }
    });
  });
}
