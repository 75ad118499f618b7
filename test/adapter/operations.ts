import type { Where } from '@better-auth/core/db/adapter';
import * as fc from 'fast-check';
import { later } from './fixture.ts';
import { name, pick, rowOf, user } from './random-rows.ts';
import type { Fields } from './random-rows.ts';

export type Create = { readonly do: 'create'; readonly model: string; readonly row: Fields };
export type Simple =
  | Create
  | {
      readonly do: 'find' | 'count' | 'delete' | 'deleteMany';
      readonly model: string;
      readonly where: Where[];
    }
  | { readonly do: 'consume'; readonly model: string; readonly where: Where[] }
  | { readonly do: 'increment'; readonly model: 'apikey'; readonly where: Where[]; readonly delta: number }
  | {
      readonly do: 'update' | 'updateMany';
      readonly model: string;
      readonly where: Where[];
      readonly update: Fields;
    };
export type Operation =
  | Simple
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'transaction'; readonly steps: Simple[]; readonly fails: boolean };

const model = fc.constantFrom('user', 'organization', 'member', 'session', 'apikey');
const guard: Record<string, fc.Arbitrary<Where>> = {
  user: fc.oneof(
    fc.record({
      field: fc.constant('image'),
      operator: fc.constantFrom('eq' as const, 'ne' as const, 'starts_with' as const, 'ends_with' as const),
      value: name,
    }),
    fc.record({ field: fc.constant('emailVerified'), value: fc.boolean() }),
    fc.record({
      field: fc.constant('name'),
      operator: fc.constantFrom('in' as const, 'not_in' as const),
      value: fc.constantFrom<string[]>(['ann']),
    }),
  ),
  organization: fc.record({ field: fc.constant('name'), value: fc.constantFrom('Acme', 'Other') }),
  member: fc.record({ field: fc.constant('role'), value: pick('r', 2) }),
  session: fc.record({
    field: fc.constant('ipAddress'),
    operator: fc.constantFrom('eq' as const, 'ne' as const),
    value: name,
  }),
  apikey: fc.record({
    field: fc.constant('remaining'),
    operator: fc.constantFrom('gt' as const, 'lte' as const, 'ne' as const),
    value: fc.integer({ min: 0, max: 2 }),
  }),
};
const eq = (field: string, value: fc.Arbitrary<string>): fc.Arbitrary<Where> =>
  fc.record({ field: fc.constant(field), value });
const one: Record<string, fc.Arbitrary<Where[]>> = {
  user: fc.oneof(eq('id', pick('u')), eq('email', pick('e'))).map((clause) => [clause]),
  organization: fc.oneof(eq('id', pick('o')), eq('slug', pick('s'))).map((clause) => [clause]),
  member: fc.tuple(eq('userId', pick('u')), eq('organizationId', pick('o'))),
  session: fc.constant([]),
  apikey: fc.oneof(eq('id', pick('k')), eq('key', pick('h'))).map((clause) => [clause]),
};
const many: Record<string, fc.Arbitrary<Where[]>> = {
  user: fc.array(pick('u'), { maxLength: 4 }).map((value) => [{ field: 'id', operator: 'in', value }]),
  organization: fc
    .array(pick('s'), { minLength: 1, maxLength: 4 })
    .map((value) => value.map((each) => ({ field: 'slug', value: each, connector: 'OR' as const }))),
  member: fc.oneof(eq('userId', pick('u')), eq('organizationId', pick('o'))).map((clause) => [clause]),
  session: fc.oneof(eq('userId', pick('u'))).map((clause) => [clause]),
  apikey: eq('referenceId', pick('u')).map((clause) => [clause]),
};
const guarded = (of: string, target: fc.Arbitrary<Where[]> | undefined): fc.Arbitrary<Where[]> =>
  fc
    .tuple(
      target ?? fc.constant([]),
      fc.array(guard[of] ?? fc.constant({ field: 'id', value: 'x' }), { maxLength: 1 }),
    )
    .map((parts) => parts.flat());
const update: Record<string, fc.Arbitrary<Fields>> = {
  user: fc.oneof(
    user.map(({ email }) => ({ email })),
    user.map(({ image, emailVerified }) => ({ image, emailVerified })),
  ),
  organization: fc.oneof(
    pick('s').map((slug) => ({ slug })),
    fc.constant({ name: 'Other' }),
  ),
  member: pick('r', 2).map((role) => ({ role })),
  session: fc.oneof(
    name.map((ipAddress) => ({ ipAddress })),
    fc.integer({ min: 1, max: 90 }).map((seconds) => ({ expiresAt: later(seconds) })),
  ),
  apikey: fc.oneof(
    pick('h').map((key) => ({ key })),
    pick('u').map((referenceId) => ({ referenceId })),
    fc.option(fc.integer({ min: 0, max: 3 })).map((remaining) => ({ remaining })),
  ),
};

/** Changes of many rows leave unique fields alone: how far such a one gets before it is refused is nobody's promise. */
const UPDATE_MANY: Record<string, fc.Arbitrary<Fields>> = {
  ...update,
  user: name.map((image) => ({ image })),
  organization: fc.constant({ name: 'Other' }),
  apikey: fc.boolean().map((enabled) => ({ enabled })),
};

const creation = (models: fc.Arbitrary<string>): fc.Arbitrary<Create> =>
  models.chain((of) => (rowOf[of] ?? fc.constant({})).map((row) => ({ do: 'create', model: of, row })));
const reading: fc.Arbitrary<Simple> = model.chain((of) =>
  fc.record({
    do: fc.constantFrom('find' as const, 'count' as const),
    model: fc.constant(of),
    where: guarded(of, many[of]),
  }),
);
const changing: fc.Arbitrary<Simple> = model.chain((of) =>
  fc.oneof(
    fc.record({
      do: fc.constant('updateMany' as const),
      model: fc.constant(of),
      where: guarded(of, many[of]),
      update: UPDATE_MANY[of] ?? fc.constant({}),
    }),
    fc.record({
      do: fc.constant('deleteMany' as const),
      model: fc.constant(of),
      where: guarded(of, many[of]),
    }),
    of === 'session'
      ? reading
      : fc.record({
          do: fc.constant('update' as const),
          model: fc.constant(of),
          where: guarded(of, one[of]),
          update: update[of] ?? fc.constant({}),
        }),
    of === 'session'
      ? reading
      : fc.record({
          do: fc.constantFrom('delete' as const, 'consume' as const),
          model: fc.constant(of),
          where: guarded(of, one[of]),
        }),
  ),
);

const counting: fc.Arbitrary<Simple> = fc.record({
  do: fc.constant('increment' as const),
  model: fc.constant('apikey' as const),
  where: guarded('apikey', one['apikey']),
  delta: fc.integer({ min: -2, max: 2 }),
});

const simple: fc.Arbitrary<Simple> = fc.oneof(
  { weight: 1, arbitrary: counting },
  { weight: 5, arbitrary: creation(model) },
  { weight: 3, arbitrary: reading },
  { weight: 4, arbitrary: changing },
);

/** In a transaction, only new users: whether another row's owner exists is decided at the commit. */
const step: fc.Arbitrary<Simple> = fc.oneof(
  fc
    .tuple(creation(fc.constant('user')), fc.uuid())
    .map(([{ row }, id]): Simple => ({ do: 'create', model: 'user', row: Object.assign({}, row, { id }) })),
  counting,
  reading,
  changing,
);

/** Few values, so that operations meet. */
export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: simple },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 30 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('transaction' as const),
        steps: fc.array(step, { maxLength: 5 }),
        fails: fc.boolean(),
      }),
    },
  ),
  { minLength: 20, maxLength: 60 },
);
