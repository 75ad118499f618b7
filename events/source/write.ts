import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { directory, eventFiles, withTable } from './files.ts';

/** Writes the committed events and their table, after a change of what they are made from. */
for (const name of readdirSync(directory)) {
  if (name.endsWith('.json') && name !== 'env.json') rmSync(new URL(name, directory));
}
for (const [name, content] of eventFiles) writeFileSync(new URL(name, directory), content);
const readme = new URL('README.md', directory);
writeFileSync(readme, withTable(readFileSync(readme, 'utf8')));
