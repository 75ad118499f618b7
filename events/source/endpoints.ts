import { action, callers, records, whoami } from './request.ts';
import type { Event, Sent } from './gateway.ts';
import { httpProxy, restProxy } from './proxy-events.ts';
import * as world from './world.ts';

/** An event for a function behind the authorizer, or for one that has none in front, and what it must answer. */
export interface EndpointCase {
  /** Name of the file in `events/`. */
  readonly file: string;
  readonly says: string;
  /** Logical ids. */
  readonly functionNames: readonly string[];
  readonly event: Event;
  readonly status: number;
  /** Members the body must have, among others. */
  readonly body?: Readonly<Record<string, unknown>>;
}

const texts = (context: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));

const session = texts(callers.session);
const extension = texts({ ...callers.extensionToken, credentialId: 'events-0123456789abcdef' });
const fromPage: Pick<Sent, 'headers'> = {
  headers: { Origin: world.trustedOrigin, 'Content-Type': 'application/json' },
};
const ofExtension = (part: string): Sent => ({
  method: 'POST',
  path: `/v1/extensions/${world.extension.id}/${part}`,
  resource: `/v1/extensions/{extensionId}/${part}`,
  pathParameters: { extensionId: world.extension.id },
});
const installed = {
  name: world.extension.name,
  origins: world.extension.origins,
  scopes: world.extension.scopes,
};

export const endpointCases: readonly EndpointCase[] = [
  {
    file: 'whoami-rest.json',
    says: 'who calls, behind the REST API',
    functionNames: ['Whoami'],
    event: restProxy(whoami, session),
    status: 200,
    body: callers.session,
  },
  {
    file: 'whoami-http.json',
    says: 'who calls, behind the HTTP API',
    functionNames: ['Whoami'],
    event: httpProxy(whoami, texts(callers.apiKey)),
    status: 200,
    body: callers.apiKey,
  },
  {
    file: 'whoami-no-context.json',
    says: 'no authorizer in front: nobody is believed',
    functionNames: ['Whoami'],
    event: restProxy(whoami),
    status: 503,
    body: { error: 'unavailable' },
  },
  {
    file: 'records-list.json',
    says: 'the contacts of the organization',
    functionNames: ['Records'],
    event: restProxy(records('GET'), session),
    status: 200,
  },
  {
    file: 'records-create.json',
    says: 'a contact is made',
    functionNames: ['Records'],
    event: restProxy({ ...records('POST'), ...fromPage, body: { name: 'Example' } }, session),
    status: 201,
    body: { name: 'Example' },
  },
  {
    file: 'actions-find-many.json',
    says: 'an extension finds contacts',
    functionNames: ['Actions'],
    event: restProxy(
      {
        ...action,
        headers: { 'Content-Type': 'application/json' },
        body: { action: 'find_many', input: { entity: 'contact', limit: 10 } },
      },
      extension,
    ),
    status: 200,
  },
  {
    file: 'installation-put.json',
    says: 'the extension is installed, as it is already',
    functionNames: ['Installations'],
    event: restProxy(
      { ...ofExtension('installation'), method: 'PUT', ...fromPage, body: installed },
      session,
    ),
    status: 200,
    body: { extensionId: world.extension.id, ...installed, enabled: true },
  },
  {
    file: 'token-mint.json',
    says: 'a token for the extension',
    functionNames: ['TokenIssuer'],
    event: restProxy({ ...ofExtension('token'), ...fromPage, body: { ttlSeconds: 300 } }, session),
    status: 201,
    body: { scopes: world.extension.scopes },
  },
  {
    file: 'preflight.json',
    says: 'a browser asks whether its page may send cookies',
    functionNames: ['Preflight'],
    event: restProxy({
      ...whoami,
      method: 'OPTIONS',
      headers: { Origin: world.trustedOrigin, 'Access-Control-Request-Method': 'GET' },
    }),
    status: 204,
  },
  {
    file: 'identity-get-session.json',
    says: "Better Auth's own answer to the session",
    functionNames: ['Identity'],
    event: restProxy({
      method: 'GET',
      path: '/api/auth/get-session',
      resource: '/api/auth/{proxy+}',
      pathParameters: { proxy: 'get-session' },
      headers: { Origin: world.trustedOrigin },
      cookie: world.sessionCookie,
    }),
    status: 200,
  },
];
