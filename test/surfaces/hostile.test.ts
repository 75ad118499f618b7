import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Fault } from '../../lambda/core/fault.ts';
import type { Authorizer } from '../../lambda/authorizer/authorizer.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { Unauthorized } from '../../lambda/surfaces/surface.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { restEvent } from '../support/event.ts';
import { runs } from '../support/runs.ts';
import { cachedCookieOf, cookieOf, keyOf, tokenWith } from '../support/world.ts';

let world: TestAuthorizer;
let serve: Authorizer<object>;
beforeAll(async () => {
  world = await startAuthorizer();
  serve = world.serve(rest);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.lines.length = 0;
});

/** The answer, when it is one of those the contract has; else what it was instead. */
async function contractual(event: unknown): Promise<'allow' | 'deny' | 'unauthorized' | 'fault'> {
  const lines = world.lines.length;
  const answer = await serve(event).then(
    (value) => ({ value }),
    (cause: unknown) => ({ cause }),
  );
  const decisions = world.lines.slice(lines).filter(({ event: name }) => name === 'decision');
  expect(decisions).toHaveLength(1);
  if ('cause' in answer) {
    const { cause } = answer;
    if (cause instanceof Fault) {
      expect(cause.message).not.toBe('Unauthorized');
      expect(decisions[0]).toMatchObject({ effect: 'fault' });
      return 'fault';
    }
    expect(cause).toBeInstanceOf(Unauthorized);
    expect(String(cause)).toBe('Unauthorized: Unauthorized');
    return 'unauthorized';
  }
  expect(answer.value).toMatchObject({
    principalId: expect.stringMatching(/^(?:user:|organization:)|^anonymous$/),
    policyDocument: { Version: '2012-10-17', Statement: expect.any(Array) },
  });
  expect(Buffer.byteLength(JSON.stringify(answer.value))).toBeLessThanOrEqual(8192);
  const allowed = 'context' in answer.value && !('reason' in Object(answer.value.context));
  expect(decisions[0]).toMatchObject({ effect: allowed ? 'allow' : 'deny' });
  return allowed ? 'allow' : 'deny';
}

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    ',',
    ';',
    '=',
    '.',
    '..',
    'Bearer',
    'Bearer ',
    'Bearer ..',
    '%',
    '%00',
    '"',
    '__proto__',
    '\u0000',
    '\ud800',
    '*',
  ),
  fc.nat(12_000).map((length) => 'x'.repeat(length)),
);
const names = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'Authorization',
      'authorization',
      'X-Api-Key',
      'x-api-key',
      'x-tenant-id',
      'Origin',
      'Sec-Fetch-Site',
      'Cookie',
      'cookie',
      'host',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '', ' cookie', 'COO\u212aIE'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);

/** A cookie, a key or a token that is good, with something done to it. */
const damaged = (good: string) =>
  fc
    .record({ at: fc.nat(good.length - 1), cut: fc.nat(8), put: text })
    .map(({ at, cut, put }) => good.slice(0, at) + put + good.slice(at + cut));
const presented = fc.oneof(
  text,
  damaged(cookieOf('alice')),
  damaged(cachedCookieOf('alice')),
  damaged(`Bearer ${tokenWith()}`),
  damaged(keyOf('alice')),
);
const headers = fc.array(fc.tuple(names, presented), { maxLength: 6 });

describe('whatever is sent, the answer is one of those the contract has', () => {
  test('for any headers', async () => {
    const paths = fc.oneof(
      fc.constantFrom('/v1/whoami', '/v1/records/contact', '/', '//', '/v1/records/*'),
      text.map((path) => `/${path}`),
    );
    await fc.assert(
      fc.asyncProperty(headers, paths, fc.boolean(), async (pairs, path, single) => {
        const event = restEvent({ method: 'GET', path });
        const of = pairs.map(([name, value]): [string, unknown] => [name, value]);
        const sent = single
          ? { ...event, headers: Object.fromEntries(of) }
          : {
              ...event,
              multiValueHeaders: Object.fromEntries(of.map(([name, value]) => [name, [value, value]])),
            };
        await contractual(sent);
      }),
      runs(400),
    );
  });

  test('for any event at all, and then it is never an allow', async () => {
    const good = restEvent({ method: 'GET', path: '/v1/whoami' });
    const replaced = fc
      .tuple(fc.constantFrom(...Object.keys(good)), fc.jsonValue())
      .map(([name, value]): unknown => Object.assign({}, good, { [name]: value }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), replaced), async (event) => {
        expect(await contractual(event)).not.toBe('allow');
      }),
      runs(400),
    );
  });

  test('a good credential with something done to it is allowed only as the credential it was', async () => {
    const carriers = fc.oneof(
      damaged(keyOf('alice')).map((key): [string, string] => ['x-api-key', key]),
      damaged(`Bearer ${tokenWith()}`).map((value): [string, string] => ['authorization', value]),
      damaged(cookieOf('alice')).map((cookie): [string, string] => ['cookie', cookie]),
    );
    const good = new Set([keyOf('alice'), `Bearer ${tokenWith()}`]);
    await fc.assert(
      fc.asyncProperty(carriers, async ([name, value]) => {
        const outcome = await contractual(
          restEvent({ method: 'GET', path: '/v1/whoami', headers: { [name]: value } }),
        );
        if (outcome !== 'allow' || name === 'cookie') return;
        expect(
          value
            .split(',')
            .map((each) => each.trim().replace(/^bearer +/i, 'Bearer '))
            .every((each) => good.has(each)),
        ).toBe(true);
      }),
      runs(400),
    );
  });
});
