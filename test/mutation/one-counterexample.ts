import * as fc from 'fast-check';

/**
 * For a mutant, one counterexample is as good as the smallest, and searching for that can take longer than all other
 * tests. One seed: a mutant that survives today survives tomorrow.
 */
fc.configureGlobal({ endOnFailure: true, seed: 42 });
