import type * as fs from 'node:fs/promises';

const load = (): typeof fs => process.getBuiltinModule('node:fs/promises');

/**
 * Stands in the bundles for `node:fs/promises`, which the SDK loads to read profile files. A function has none: it is loaded
 * when it is first used, which for most functions is never.
 */
export const readFile = (...given: Parameters<typeof fs.readFile>) => load().readFile(...given);

const whole: typeof fs = new Proxy(Object.create(null), {
  get: (_, name) => Reflect.get(load(), name),
});
export default whole;
