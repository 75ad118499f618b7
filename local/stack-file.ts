import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Demo } from './demo.ts';
import type { StackDescription } from './description.ts';
import { writePrivately } from './private-file.ts';

const fileIn = (directory: string): string => join(directory, 'stack.json');

/** Tells other programs that the stack is ready, where it is, and what to try it with. */
export const writeStackFile = (directory: string, stack: StackDescription, demo: Demo | undefined): void =>
  writePrivately(fileIn(directory), { ready: true, ...stack, ...(demo && { demo }) });

/** One that a crashed stack left behind would send programs to ports that are somebody else's by now. */
export const removeStackFile = (directory: string): void => rmSync(fileIn(directory), { force: true });
