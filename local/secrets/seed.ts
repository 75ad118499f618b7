import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { generateKey, serializeKeyRing } from '../../lambda/secrets/key-ring.ts';
import type { Resource, Template } from '../template.ts';
import { CURRENT } from './secret.ts';
import type { SecretStore } from './secret-store.ts';

const SecretProperties = v.object({
  Name: v.optional(v.string()),
  Description: v.optional(v.string()),
  SecretString: v.optional(v.string()),
});
type SecretResource = Resource<v.InferOutput<typeof SecretProperties>>;

const Schedule = v.object({
  SecretId: v.string(),
  RotationLambdaARN: v.optional(v.string()),
  RotationRules: v.optional(v.record(v.string(), v.unknown())),
});

/**
 * Makes the template's secrets that are not there yet. Where AWS would generate a text, this makes a key
 * ring with a key that signs and one that waits, so that the machinery of rotation is at work from the first
 * token. A rotation schedule only names the function: locally nothing rotates unless it is asked to.
 *
 * @param publishDelay seconds until the waiting key signs
 */
export function seedSecrets(template: Template, store: SecretStore, now: number, publishDelay: number): void {
  for (const secret of template.resources('AWS::SecretsManager::Secret', SecretProperties)) {
    if (!store.has(secret.ref)) store.add(seeded(secret, now, publishDelay));
  }
  for (const { properties } of template.resources('AWS::SecretsManager::RotationSchedule', Schedule)) {
    store.update(properties.SecretId, (secret) => ({
      ...secret,
      ...(properties.RotationLambdaARN !== undefined && { rotationFunction: properties.RotationLambdaARN }),
      ...(properties.RotationRules !== undefined && { rotationRules: properties.RotationRules }),
    }));
  }
}

function seeded({ logicalId, ref, properties }: SecretResource, now: number, publishDelay: number) {
  const value = properties.SecretString ?? ringOf(now, publishDelay);
  return {
    arn: ref,
    name: properties.Name ?? ref.split(':').at(-1)?.slice(0, -7) ?? logicalId,
    ...(properties.Description !== undefined && { description: properties.Description }),
    created: now,
    changed: now,
    versions: [{ id: randomUUID(), value, stages: [CURRENT], created: now }],
  };
}

/** The moments of a ring are whole seconds. */
function ringOf(now: number, publishDelay: number): string {
  const second = Math.floor(now);
  return serializeKeyRing({ keys: [generateKey(second), generateKey(second + publishDelay)] });
}
