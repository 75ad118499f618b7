import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { authorizer, type Authorizer } from '../../lambda/authorizer/authorizer.ts';
import type { IamAnswer } from '../../lambda/surfaces/iam-answer.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { cookieHeader, signedToken } from '../support/cookie.ts';
import { restEvent } from '../support/event.ts';
import { jws } from '../support/jws.ts';
import { claims, cookieNames, cookieOf, header, keyOf, tokenWith } from '../support/world.ts';

let world: TestAuthorizer;
let authority: MeteredAuthority;
let serve: Authorizer<IamAnswer>;
beforeAll(async () => {
  world = await startAuthorizer();
  authority = world.compose();
  serve = authorizer(rest, authority, world.clock, (line) => world.lines.push(line));
  await authority.warmUp();
});
afterAll(() => world.stop());

const event = (headers: Record<string, string>, cookie?: string) =>
  restEvent({ method: 'GET', path: '/v1/whoami', headers, ...(cookie === undefined ? {} : { cookie }) });
const valid = [
  event({ 'x-api-key': keyOf('alice') }),
  event({}, cookieOf('alice')),
  event({ authorization: `Bearer ${tokenWith()}` }),
];
const unknown = (sent: number) =>
  sent % 2 === 0
    ? event({ authorization: `Bearer ${jws({ ...header, kid: `random-${sent}` }, claims, 'k'.repeat(32))}` })
    : event({}, cookieHeader({ [cookieNames.token]: signedToken(`token-${sent}`, `key-${sent}`) }));

/** What a request cost beside the line it wrote: requests to Secrets Manager, and reads. */
async function cost(asked: unknown): Promise<{ readonly fetches: number; readonly reads: unknown }> {
  const before = world.secrets.calls();
  await Promise.allSettled([serve(asked)]);
  return { fetches: world.secrets.calls() - before, reads: world.lines.at(-1)?.['reads'] };
}
const outcome = () => world.lines.at(-1)?.['reason'] ?? world.lines.at(-1)?.['effect'];

test('2,000 signatures of keys nobody has cost one request a ring in ten seconds, no read, and valid requests nothing', async () => {
  for (const each of valid) await serve(each);
  world.clock.advance(1000);
  const sent = 2000;
  const seconds = 30;
  let fetches = 0;
  for (let index = 0; index < sent; index += 1) {
    const costs = await cost(unknown(index));
    expect([outcome(), costs.reads]).toEqual(['signature_invalid', 0]);
    fetches += costs.fetches;
    if (index % 100 === 0) {
      for (const each of valid) {
        expect((await cost(each)).fetches).toBe(0);
        expect(outcome()).toBe('allow');
      }
    }
    world.clock.advance((seconds * 1000) / sent);
  }
  // Two rings, and three times ten seconds.
  expect(fetches).toBe(2 * 3);
});

test('1,000 of them at the same time cost one request a ring', async () => {
  world.clock.advance(10_000);
  const before = world.secrets.calls();
  await Promise.allSettled(Array.from({ length: 1000 }, (_, index) => serve(unknown(index))));
  expect(world.secrets.calls() - before).toBe(2);
  await expect(serve(valid[2])).resolves.toMatchObject({ context: { credentialKind: 'extension_token' } });
});
