import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Resource {
  /** Logical id. */
  readonly id: string;
  readonly Type: string;
  readonly Properties: Properties;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
}

// The template is data from outside: a test reads what it expects, and fails where it finds something else.
// oxlint-disable-next-line typescript/no-explicit-any
export type Properties = Readonly<Record<string, any>>;

export interface Synthesized {
  readonly outdir: string;
  readonly text: string;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, { readonly Value: unknown }>>;
  /** Resources of a type. */
  readonly ofType: (type: string) => readonly Resource[];
  readonly remove: () => void;
}

/** What the app's own entry printed when it ended with an error. */
export class SynthesisFailed extends Error {}

const root = join(import.meta.dirname, '../..');

/**
 * Runs the app as `cdk` does, without network or credentials, and reads what it wrote.
 *
 * @param validation also check the template against CloudFormation's own schemas and rules, which takes twice
 * as long; cdk-nag always runs
 */
export function synthesize(
  context: Readonly<Record<string, unknown>> = {},
  { validation = false } = {},
): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'crm-synth-'));
  const { status, stderr } = spawnSync(process.execPath, ['bin/app.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH ?? '',
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      CDK_VALIDATION: String(validation),
    },
  });
  const remove = (): void => rmSync(outdir, { recursive: true, force: true });
  if (status !== 0) {
    remove();
    throw new SynthesisFailed(stderr);
  }
  const text = readFileSync(join(outdir, 'CrmAuthorizer.template.json'), 'utf8');
  const { Resources: resources, Outputs: outputs } = JSON.parse(text);
  for (const [id, resource] of Object.entries<Properties>(resources)) Object.assign(resource, { id });
  const all: readonly Resource[] = Object.values(resources);
  return {
    outdir,
    text,
    resources,
    outputs,
    ofType: (type) => all.filter(({ Type }) => Type === type),
    remove,
  };
}

/** The one entry that passes; more or fewer fail the test. */
export function only<Entry>(
  entries: readonly Entry[],
  passes: (entry: Entry) => boolean = () => true,
): Entry {
  const [found, ...others] = entries.filter(passes);
  if (found === undefined || others.length > 0)
    throw new Error(`${others.length + Number(found !== undefined)} found, not one`);
  return found;
}
