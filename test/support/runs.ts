/** Runs of a property test: few in the suite, as many as FC_RUNS says in a long run. */
export const runs = (usual: number): { readonly numRuns: number } => ({
  numRuns: Number(process.env['FC_RUNS'] ?? usual),
});
