import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

/** What is compared, and what it runs on. */
const packages = [
  'jose',
  'jsonwebtoken',
  'fast-jwt',
  'aws-jwt-verify',
  'better-auth',
  '@better-auth/api-key',
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/client-secrets-manager',
  '@dynoxide/linux-x64',
] as const;

const Manifest = v.object({ version: v.string() });

/** Installed versions by name; what is not installed is not among them. */
export function versions(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    packages.flatMap((name) => {
      const version = versionOf(name);
      return version === undefined ? [] : [[name, version]];
    }),
  );
}

function versionOf(name: string): string | undefined {
  try {
    const manifest = join(import.meta.dirname, '..', 'node_modules', name, 'package.json');
    return v.parse(Manifest, JSON.parse(readFileSync(manifest, 'utf8'))).version;
  } catch {
    return undefined;
  }
}
