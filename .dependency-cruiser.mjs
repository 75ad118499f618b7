/**
 * The dependency rule: core ← {context, credentials, http, surfaces, store, secrets, runtime} ← {authorizer,
 * identity, extensions, rotation, crm, realtime} ← {lib, local, bin, events}.
 * `test/architecture/dependency-rule.test.ts` shows each rule refuse a tree that breaks it.
 */
const parts = '^lambda/(?:context|credentials|http|surfaces|store|secrets|runtime)/';
const functions = '^lambda/(?:authorizer|identity|extensions|rotation|crm|realtime)/';
const programs = '^(?:lib|local|bin|bench|events)/';
const betterAuth = '(?:^|/)node_modules/(?:better-auth|better-call|@better-auth)/';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule(
      'core-imports-core',
      'The decision is pure: what it imports (a clock, an environment, an SDK, a package) it could depend on.',
      { path: '^lambda/core/' },
      { pathNot: '^lambda/core/' },
    ),
    rule(
      'parts-below-functions',
      'A part of the decision knows nothing of the function it is put into.',
      { path: parts },
      { path: [functions, programs] },
    ),
    rule(
      'functions-below-programs',
      'What is deployed knows nothing of how it is deployed, run locally or operated.',
      { path: '^lambda/' },
      { path: programs },
    ),
    rule(
      'lambda-has-known-folders',
      'A folder that no layer names would be outside every rule.',
      { path: '^lambda/', pathNot: ['^lambda/core/', parts, functions] },
      {},
    ),
    rule(
      'lib-imports-types-and-routes',
      'Synthesizing a template must not load what runs in it; the route table alone is both.',
      { path: '^lib/' },
      { path: '^lambda/', pathNot: '^lambda/core/routes\\.ts$', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'better-auth-in-identity',
      'Only identity runs Better Auth; tests use it as the oracle.',
      { path: '^(?:lambda|lib|local|bin|events)/', pathNot: '^lambda/identity/' },
      { path: betterAuth },
    ),
    rule(
      'authorizer-without-better-auth',
      'Its bundle is loaded on the way to every decision, and Better Auth takes 100 ms to load.',
      { path: '^lambda/(?:core|credentials|surfaces|store|secrets|runtime|authorizer)/' },
      { path: betterAuth, reachable: true },
    ),
    rule('no-test-in-product', 'Nothing imports test.', { pathNot: '^test/' }, { path: '^test/' }),
    rule('no-cycles', 'Two files that need each other are one file.', {}, { circular: true }),
    rule(
      'resolvable',
      'An import that cannot be followed would escape the rules. (`aws-lambda` exists as types alone.)',
      {},
      { couldNotResolve: true, pathNot: '^aws-lambda$' },
    ),
  ],
  options: {
    // TypeScript 7 has no JavaScript API; swc reads the sources, and marks what is imported as a type only.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
