import { isObject } from '../json.ts';

/** A variable of `$context` by its path: `identity.sourceIp` of `{identity: {sourceIp: …}}`. */
export function contextVariable(path: string, context: object): string | undefined {
  const value = path.split('.').reduce<unknown>(member, context);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

const member = (level: unknown, name: string): unknown =>
  isObject(level) && Object.hasOwn(level, name) ? level[name] : undefined;
