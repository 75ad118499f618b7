import * as fc from 'fast-check';
import { later } from './fixture.ts';

export type Fields = Record<string, unknown>;

/** Few values, so that rows meet. */
export const pick = (prefix: string, count = 4) =>
  fc.integer({ min: 0, max: count - 1 }).map((index) => `${prefix}${index}`);
export const name = fc.option(fc.constantFrom('ann', 'Bob', 'bo', 'é'));

export const user = fc.record({
  id: pick('u'),
  email: pick('e'),
  name: fc.constantFrom('ann', 'bo'),
  image: name,
  emailVerified: fc.boolean(),
  createdAt: fc.constant(later(0)),
});
/** New rows, by model. */
export const rowOf: Record<string, fc.Arbitrary<Fields>> = {
  user: user,
  organization: fc.record({
    id: pick('o'),
    slug: pick('s'),
    name: fc.constant('Acme'),
    createdAt: fc.constant(later(0)),
  }),
  member: fc.record({
    id: fc.uuid(),
    userId: pick('u'),
    organizationId: pick('o'),
    role: pick('r', 2),
    createdAt: fc.constant(later(0)),
  }),
  session: fc.record({
    id: fc.uuid(),
    token: fc.uuid(),
    userId: pick('u'),
    ipAddress: name,
    expiresAt: fc.integer({ min: 1, max: 90 }).map(later),
    createdAt: fc.constant(later(0)),
  }),
  apikey: fc.record({
    id: pick('k'),
    key: pick('h'),
    referenceId: fc.oneof(pick('u'), pick('o')),
    remaining: fc.option(fc.integer({ min: 0, max: 3 })),
    // What the schema would fill in.
    configId: fc.constant('default'),
    enabled: fc.boolean(),
    rateLimitEnabled: fc.constant(false),
    rateLimitTimeWindow: fc.constant(1),
    rateLimitMax: fc.constant(1),
    requestCount: fc.constant(0),
    createdAt: fc.constant(later(0)),
    updatedAt: fc.constant(later(0)),
  }),
};
