import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parseJson } from './json.ts';
import type { Template } from './template.ts';

const AssetManifest = v.object({
  files: v.record(
    v.string(),
    v.object({
      source: v.looseObject({ path: v.optional(v.string()) }),
      destinations: v.record(v.string(), v.object({ objectKey: v.string() })),
    }),
  ),
});

/**
 * Where each asset of the stack lies, by its S3 key: the CDK command line writes the path into the template
 * as metadata, synthesis without it writes only this manifest.
 */
export function readAssetPaths(template: Template): ReadonlyMap<string, string> {
  const file = join(template.directory, `${template.place.stackName}.assets.json`);
  if (!existsSync(file)) return new Map();
  const { files } = v.parse(AssetManifest, parseJson(readFileSync(file, 'utf8')));
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).flatMap(({ objectKey }) =>
        source.path === undefined ? [] : [[objectKey, join(template.directory, source.path)] as const],
      ),
    ),
  );
}
