import { readFileSync } from 'node:fs';
import * as v from 'valibot';

const File = v.object({
  Parameters: v.intersect([
    v.object({
      BETTER_AUTH_URL: v.string(),
      TRUSTED_ORIGINS: v.string(),
      AUTH_TABLE_NAME: v.string(),
      RECORDS_TABLE_NAME: v.string(),
      EXTENSION_TOKEN_SECRET: v.string(),
      BETTER_AUTH_SECRET: v.string(),
    }),
    v.record(v.string(), v.string()),
  ]),
});

/** What `events/env.json` gives to every function, in the format of SAM's `--env-vars`. */
export const environment = v.parse(
  File,
  JSON.parse(readFileSync(new URL('../env.json', import.meta.url), 'utf8')),
).Parameters;

/**
 * The variables a function gets from SAM: those of its template, overridden by name. SAM drops what the template
 * does not declare.
 */
export const asSamSets = (
  declared: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(Object.entries(declared).map(([name, value]) => [name, parameters[name] ?? value]));
