import { existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';
import { parseJson } from '../json.ts';
import { writePrivately } from '../private-file.ts';
import { StackError } from '../stack-error.ts';
import type { Secret } from './secret.ts';
import { SecretError } from './secret-error.ts';

/** The secrets of this stack, kept in one file that only its owner may read. */
export interface SecretStore {
  /** By name, ARN, or ARN without the six characters AWS adds. @throws {SecretError} ResourceNotFoundException */
  get(id: string): Secret;
  has(arn: string): boolean;
  /** Changes one secret and saves. Nothing is awaited in between, so two changes never mix. */
  update(id: string, change: (secret: Secret) => Secret): Secret;
  add(secret: Secret): void;
}

const State = v.object({
  secrets: v.array(
    v.object({
      arn: v.string(),
      name: v.string(),
      description: v.exactOptional(v.string()),
      created: v.number(),
      changed: v.number(),
      rotated: v.exactOptional(v.number()),
      rotationFunction: v.exactOptional(v.string()),
      rotationRules: v.exactOptional(v.record(v.string(), v.unknown())),
      versions: v.array(
        v.object({
          id: v.string(),
          value: v.exactOptional(v.string()),
          stages: v.array(v.string()),
          created: v.number(),
        }),
      ),
    }),
  ),
});

/** @throws {StackError} when the file is there but is not ours */
export function openSecretStore(file: string): SecretStore {
  const secrets = new Map<string, Secret>(read(file).map((secret) => [secret.arn, secret]));
  const find = (id: string): Secret | undefined =>
    secrets.get(id) ?? [...secrets.values()].find(({ arn, name }) => name === id || arn.slice(0, -7) === id);
  const save = (secret: Secret): void => {
    secrets.set(secret.arn, secret);
    writePrivately(file, { secrets: [...secrets.values()] });
  };
  const get = (id: string): Secret => {
    const secret = find(id);
    if (!secret)
      throw new SecretError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  };
  return {
    get,
    has: (arn) => secrets.has(arn),
    add: save,
    update: (id, change) => {
      const before = get(id);
      const after = change(before);
      if (after !== before) save(after);
      return after;
    },
  };
}

function read(file: string): readonly Secret[] {
  if (!existsSync(file)) return [];
  const state = v.safeParse(State, parseJson(readFileSync(file, 'utf8')));
  if (state.success) return state.output.secrets;
  throw new StackError(`${file} is damaged: start with LOCAL_RESET=1 (data and secrets begin anew)`);
}
