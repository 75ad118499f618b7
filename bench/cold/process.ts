import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import * as v from 'valibot';

const Measured = v.object({ load: v.number(), first: v.number(), rss: v.number(), answer: v.unknown() });

/** What a fresh process measured of itself: milliseconds, and bytes of memory that are in use by it. */
export type ColdStart = v.InferOutput<typeof Measured>;

export interface Handler {
  /** File of the bundle. */
  readonly file: string;
  readonly name: string;
  readonly event: unknown;
  /** All that the process sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the process writes its id before it begins (`ProcessorShare`). */
  readonly procs?: string;
}

/** Starts a process, loads the handler in it and asks it once. */
export async function coldStart({ file, name, event, environment, procs }: Handler): Promise<ColdStart> {
  const probe = [process.execPath, join(import.meta.dirname, 'probe.cjs'), file, name] as const;
  const [command, ...args] = procs ? ['sh', '-c', 'echo $$ > "$0" && exec "$@"', procs, ...probe] : probe;
  const child = spawn(command, args, {
    env: { ...environment, PROBE_EVENT: JSON.stringify(event) },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const report = child.stdio[3];
  if (!report || !('setEncoding' in report)) throw new Error('The probe has nowhere to report to.');
  const [text, code] = await Promise.all([
    textOf(report),
    new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }),
  ]);
  if (code !== 0) throw new Error(`A fresh process ended with ${code}.`);
  return v.parse(Measured, JSON.parse(text));
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
