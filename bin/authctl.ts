import { text } from 'node:stream/consumers';
import { run } from './authctl/program.ts';

/** `npm run authctl -- …`: the operator's commands. */
process.exitCode = await run(process.argv.slice(2), {
  out: (words) => process.stdout.write(words),
  err: (words) => process.stderr.write(words),
  clock: () => Date.now(),
  directory: '.local',
  readInput: () => text(process.stdin),
});
