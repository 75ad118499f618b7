import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import * as surfaces from '../../lambda/surfaces/index.ts';
import type { Surface } from '../../lambda/surfaces/surface.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { httpEvent, httpV1Event, restEvent, type Sent } from '../support/event.ts';
import { websocketEvent } from '../support/event-websocket.ts';
import { cookieOf, keyOf } from '../support/world.ts';

let world: TestAuthorizer;
let by: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
  by = world.compose({
    TRUSTED_ORIGINS:
      'https://app.example.com,https://*.apps.example.com,https://bücher.example,https://xn--mnchen-3ya.example,https://*.zürich.example:8443',
  });
  // What is remembered from now on is what a busy machine need not wait for.
  await ask(surfaces.rest, restEvent({ method: 'GET', path: '/v1/whoami', cookie: cookieOf('alice') }));
});
afterAll(() => world.stop());

async function ask(surface: Surface<unknown>, event: unknown): Promise<string> {
  world.lines.length = 0;
  await Promise.allSettled([world.serve(surface, by)(event)]);
  const line = world.lines.find((each) => each['event'] === 'decision');
  return String(line?.['reason'] ?? line?.['effect']);
}

const trusted = [
  ['that of BETTER_AUTH_URL', 'https://api.crm.example.com'],
  ['an exact one', 'https://app.example.com'],
  ['a subdomain of a wildcard', 'https://a.b.apps.example.com'],
  ['one configured in Unicode, as browsers send it', 'https://xn--bcher-kva.example'],
  ['one configured in punycode', 'https://xn--mnchen-3ya.example'],
  ['a subdomain of a wildcard configured in Unicode', 'https://a.xn--zrich-kva.example:8443'],
] as const;

const untrusted = [
  ['another host with the trusted one in front', 'https://app.example.com.evil.test'],
  ['another host that ends in the same letters', 'https://evilapp.example.com'],
  ['the letters of a wildcard without the dot', 'https://evilapps.example.com'],
  ['the bare domain of a wildcard', 'https://apps.example.com'],
  ['a wildcard’s suffix in a path', 'https://evil.test/.apps.example.com'],
  ['a wildcard’s suffix behind a port', 'https://evil.test:1.apps.example.com'],
  ['null', 'null'],
  ['nothing', ''],
  ['another scheme', 'http://app.example.com'],
  ['another port', 'https://app.example.com:8443'],
  ['the default port spelled out', 'https://app.example.com:443'],
  ['a wildcard’s host without its port', 'https://a.xn--zrich-kva.example'],
  ['upper case', 'https://APP.example.com'],
  ['an upper-case scheme', 'HTTPS://app.example.com'],
  ['a trailing dot', 'https://app.example.com.'],
  ['a trailing slash', 'https://app.example.com/'],
  ['Unicode, which no browser sends', 'https://bücher.example'],
  ['Unicode of one configured in punycode', 'https://münchen.example'],
  ['a letter that looks the same', 'https://аpp.example.com'],
  ['the punycode of a letter that looks the same', 'https://xn--pp-6kc.example.com'],
  ['punycode in upper case', 'https://XN--BCHER-KVA.example'],
  ['two', 'https://app.example.com,https://evil.test'],
] as const;

/** `writes`: a method that changes something; a WebSocket counts as one. */
const doors: readonly (readonly [string, Surface<unknown>, (sent: Sent) => unknown])[] = [
  ['REST', surfaces.rest, restEvent],
  ['HTTP, payload 1.0', surfaces.httpV1, httpV1Event],
  ['HTTP, payload 2.0 with policies', surfaces.httpIam, httpEvent],
  ['HTTP, payload 2.0, simple', surfaces.http, httpEvent],
  ['WebSocket', surfaces.websocket, (sent) => websocketEvent({ ...sent, browser: false })],
];

describe.each(doors)('%s: with a session cookie', (name, surface, eventOf) => {
  const send = (method: string, headers: Sent['headers'] = {}, cookie = cookieOf('alice')) =>
    ask(
      surface,
      eventOf({
        method,
        path: '/v1/records/contact',
        resource: '/v1/records/{entity}',
        headers,
        ...(cookie === '' ? {} : { cookie }),
      }),
    );
  const isWebSocket = name === 'WebSocket';

  test.each(trusted)('%s is trusted, to read and to write', async (_, origin) => {
    expect(await send('GET', { Origin: origin })).toBe('allow');
    expect(await send('POST', { Origin: origin })).toBe('allow');
  });

  test.each(untrusted)('%s is not, neither to write nor to read', async (_, origin) => {
    expect(await send('POST', { Origin: origin })).toBe('origin_untrusted');
    expect(await send('GET', { Origin: origin })).toBe('origin_untrusted');
  });

  test('none reads, writes nothing and opens no WebSocket; from another site it does not read either', async () => {
    expect(await send('POST')).toBe('origin_untrusted');
    expect(await send('GET')).toBe(isWebSocket ? 'origin_untrusted' : 'allow');
    expect(await send('GET', { 'Sec-Fetch-Site': 'cross-site' })).toBe('origin_untrusted');
  });

  test('is asked of cookies alone: a key is sent by nobody unasked', async () => {
    const headers = { 'X-Api-Key': keyOf('alice'), Origin: 'https://evil.test' };
    expect(await send('POST', headers, '')).toBe('allow');
  });
});
