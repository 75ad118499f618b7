import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { evaluateCondition, NO_VALUE, resolve } from './intrinsics.ts';
import type { References } from './intrinsics.ts';
import { isObject, parseJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { attributeOf, physicalOf, pseudoParameter } from './physical.ts';
import type { Place, RawResource } from './physical.ts';
import { messageOf, StackError } from './stack-error.ts';

/** A resource of one type, its properties resolved and checked. */
export interface Resource<Properties> {
  readonly logicalId: string;
  /** What `Ref` gives: a name, an ARN or an id, by type. */
  readonly ref: string;
  readonly properties: Properties;
  readonly metadata: JsonObject;
}

/** A synthesized CloudFormation template, as this machine would have deployed it. */
export interface Template {
  readonly place: Place;
  /** Directory of the cloud assembly; asset paths are relative to it. */
  readonly directory: string;
  /** Every resource of a type whose condition holds, in the order of the template. */
  resources<S extends Schema>(type: string, schema: S): readonly Resource<v.InferOutput<S>>[];
  /** The value of a stack output, or undefined where the template has none of this name. */
  output(name: string): string | undefined;
}

type Schema = v.GenericSchema<unknown, unknown>;

const section = v.optional(v.record(v.string(), v.unknown()), {});
const Document = v.object({
  Resources: v.record(
    v.string(),
    v.object({
      Type: v.string(),
      Properties: section,
      Metadata: section,
      Condition: v.optional(v.string()),
    }),
  ),
  Outputs: v.optional(v.record(v.string(), v.object({ Value: v.unknown() })), {}),
  Parameters: v.optional(v.record(v.string(), v.object({ Default: v.optional(v.unknown()) })), {}),
  Conditions: section,
  Mappings: section,
});

/** A template as parsed JSON: what `loadAssembly` reads, and what a test may change before it is run. */
export type TemplateDocument = v.InferInput<typeof Document>;

/** The one stack of a cloud assembly (`cdk.out`), still as JSON. */
export interface Assembly {
  readonly directory: string;
  readonly stackName: string;
  readonly document: unknown;
}

const Manifest = v.object({
  artifacts: v.record(
    v.string(),
    v.object({
      type: v.string(),
      properties: v.optional(v.looseObject({ templateFile: v.optional(v.string()) })),
    }),
  ),
});

/** @throws {StackError} when the directory is not a cloud assembly with exactly one stack */
export function loadAssembly(directory: string): Assembly {
  const manifest = check(Manifest, readJson(join(directory, 'manifest.json')), 'manifest.json');
  const stacks = Object.entries(manifest.artifacts).filter(
    ([, { type }]) => type === 'aws:cloudformation:stack',
  );
  const [stack, ...others] = stacks;
  const file = stack?.[1].properties?.templateFile;
  if (!stack || others.length > 0 || file === undefined) {
    throw new StackError(`${directory} must hold exactly one stack, not ${stacks.length}`);
  }
  return { directory, stackName: stack[0], document: readJson(join(directory, file)) };
}

/** @throws {StackError} naming the resource and member that is not as expected, when one is read */
export function openTemplate(assembly: Assembly, region: string): Template {
  const document = check(Document, assembly.document, 'the template');
  const place: Place = { stackName: assembly.stackName, region };
  const raw = (logicalId: string): RawResource => {
    const resource = document.Resources[logicalId];
    if (!resource) throw new StackError(`the template refers to ${logicalId}, which is not in it`);
    return { logicalId, type: resource.Type, properties: resource.Properties };
  };
  const references: References = {
    ref: (name) => {
      if (name === 'AWS::NoValue') return NO_VALUE;
      const parameter = document.Parameters[name];
      return pseudoParameter(name, place) ?? parameter?.Default ?? physicalOf(raw(name), place).ref;
    },
    attribute: (logicalId, attribute) => attributeOf(raw(logicalId), attribute, place),
    condition: (name) => evaluateCondition(document.Conditions[name], references),
    mapping: (map, key, name) => {
      const value = [key, name].reduce<unknown>(
        (level, member) => (isObject(level) ? level[member] : undefined),
        document.Mappings[map],
      );
      if (value === undefined) throw new StackError(`the template has no mapping ${map}.${key}.${name}`);
      return value;
    },
  };
  const resolved = (logicalId: string, properties: JsonObject): unknown => {
    try {
      return resolve(properties, references);
    } catch (error) {
      throw new StackError(`${logicalId}: ${messageOf(error)}`, { cause: error });
    }
  };
  const exists = (condition: string | undefined): boolean => !condition || references.condition(condition);
  return {
    place,
    directory: assembly.directory,
    resources: (type, schema) =>
      Object.entries(document.Resources)
        .filter(([, resource]) => resource.Type === type && exists(resource.Condition))
        .map(([logicalId, resource]) => ({
          logicalId,
          ref: physicalOf(raw(logicalId), place).ref,
          properties: check(schema, resolved(logicalId, resource.Properties), `${logicalId} (${type})`),
          metadata: resource.Metadata,
        })),
    output: (name) => {
      const output = document.Outputs[name];
      if (!output) return undefined;
      const value = resolve(output.Value, references);
      return typeof value === 'string' ? value : JSON.stringify(value);
    },
  };
}

function readJson(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new StackError(`${path} cannot be read: synthesize the stack first`, { cause: error });
  }
}

function check<S extends Schema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new StackError(`${what}: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
}
