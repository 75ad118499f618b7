import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { readAssetPaths } from './assets.ts';
import { StackError } from './stack-error.ts';
import type { Resource, Template } from './template.ts';

/** A Lambda function of the template, ready to be run from its asset directory. */
export interface FunctionSpec {
  readonly logicalId: string;
  readonly name: string;
  /** Unpacked asset: what `/var/task` holds on AWS. */
  readonly directory: string;
  /** `file.export`, relative to the directory. */
  readonly handler: string;
  /** Milliseconds one invocation may take. */
  readonly timeout: number;
  /** MB. Only told to the function: this machine does not enforce it. */
  readonly memory: number;
  readonly environment: Readonly<Record<string, string>>;
}

const scalar = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));
const Properties = v.object({
  Code: v.object({ S3Key: v.optional(v.string()), ZipFile: v.optional(v.string()) }),
  Handler: v.string(),
  Runtime: v.pipe(v.string(), v.startsWith('nodejs', 'the local stack runs Node.js functions only')),
  // CloudFormation's own defaults: 3 seconds, 128 MB.
  Timeout: v.optional(v.number(), 3),
  MemorySize: v.optional(v.number(), 128),
  Environment: v.optional(v.object({ Variables: v.optional(v.record(v.string(), scalar), {}) }), {}),
});

export function readFunctions(template: Template): readonly FunctionSpec[] {
  const assets = readAssetPaths(template);
  return template.resources('AWS::Lambda::Function', Properties).map((resource) => ({
    logicalId: resource.logicalId,
    name: resource.ref,
    directory: directoryOf(resource, assets, template.directory),
    handler: resource.properties.Handler,
    timeout: resource.properties.Timeout * 1000,
    memory: resource.properties.MemorySize,
    environment: resource.properties.Environment.Variables ?? {},
  }));
}

function directoryOf(
  { logicalId, properties, metadata }: Resource<v.InferOutput<typeof Properties>>,
  assets: ReadonlyMap<string, string>,
  assembly: string,
): string {
  const stated = metadata['aws:asset:path'];
  const path = typeof stated === 'string' ? stated : assets.get(properties.Code.S3Key ?? '');
  if (path === undefined)
    throw new StackError(`${logicalId}: its code is not an asset of the cloud assembly`);
  const directory = isAbsolute(path) ? path : join(assembly, path);
  if (!existsSync(directory)) throw new StackError(`${logicalId}: its asset ${directory} is missing`);
  return directory;
}
