import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { parseKeyRing, serializeKeyRing, type KeyRing, type RingKey } from '../secrets/key-ring.ts';
import { rotate, type RotationBounds } from '../secrets/ring-rotation.ts';
import { overlapFlaw } from './overlap.ts';
import { CURRENT, PENDING, type SecretVersions } from './secret-versions.ts';

export interface RotationParts {
  /** The one secret that this function may rotate. */
  readonly arn: string;
  readonly versions: SecretVersions;
  /** Has an operator revoked the key of this name? @throws {Fault} `store` when that cannot be told */
  readonly isKeyRevoked: (kid: string) => Promise<boolean>;
  readonly bounds: RotationBounds & { readonly oldestRing: number };
  readonly clock: Clock;
  readonly log: Log;
}

/** What Secrets Manager calls a rotation function with ("Lambda rotation functions", user guide). */
const rotationEvent = v.object({
  Step: v.picklist(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: v.string(),
  ClientRequestToken: v.string(),
});
type Step = v.InferOutput<typeof rotationEvent>['Step'];

/** The versions a step works with. */
interface Rotating {
  readonly pending: string;
  readonly current: string;
}

/**
 * Secrets Manager's rotation: it asks for four steps, one invocation each, and asks again for those that fail.
 * Every step begins by looking how far the rotation is, writes at most once, and leaves to the condition in
 * Secrets Manager who of two is first: so each may be repeated, killed half way, or done by two at once.
 *
 * @throws {Fault} `secret`, `store`, `event`, `configuration`; then the current ring is as it was
 */
export function rotation(parts: RotationParts): (event: unknown) => Promise<void> {
  const steps: Readonly<Record<Step, (rotating: Rotating) => Promise<string>>> = {
    createSecret: (rotating) => create(parts, rotating),
    // Readers fetch the ring themselves: there is no other place to write it to.
    setSecret: () => Promise.resolve('nothing to do'),
    testSecret: (rotating) => check(parts, rotating),
    finishSecret: (rotating) => finish(parts, rotating),
  };
  return async (event) => {
    const parsed = v.safeParse(rotationEvent, event);
    if (!parsed.success) throw new Fault('event', 'This is no event of a rotation');
    const { Step: step, SecretId: arn, ClientRequestToken: version } = parsed.output;
    // Another secret's signatures live for another time: with these bounds its users would be logged out.
    if (arn !== parts.arn) throw new Fault('configuration', 'This function rotates another secret');
    const outcome = await unlessDone(parts, version, steps[step]);
    parts.log({ event: 'rotation', step, version, outcome });
  };
}

/** The step, unless the rotation is finished already, or is by another invocation while the step fails for it. */
async function unlessDone(
  { versions }: RotationParts,
  version: string,
  step: (rotating: Rotating) => Promise<string>,
): Promise<string> {
  const stages = await versions.stages();
  if (stages.get(version)?.includes(CURRENT)) return 'already current';
  try {
    return await step(rotatingOf(stages, version));
  } catch (cause) {
    const after = await versions.stages().catch(() => stages);
    if (after.get(version)?.includes(CURRENT)) return 'already current';
    throw cause;
  }
}

function rotatingOf(stages: ReadonlyMap<string, readonly string[]>, version: string): Rotating {
  if (!stages.get(version)?.includes(PENDING)) {
    throw new Fault('secret', `Version ${version} is not pending: start a rotation`);
  }
  const [current] = [...stages].find(([, each]) => each.includes(CURRENT)) ?? [];
  if (current === undefined) throw new Fault('secret', 'The secret has no current version to rotate');
  return { pending: version, current };
}

async function create(parts: RotationParts, { pending, current }: Rotating): Promise<string> {
  const { versions, bounds, clock } = parts;
  if ((await versions.value(pending, PENDING)) !== undefined) return 'already created';
  const ring = await currentRing(parts, current);
  const revoked = await revokedAmong(parts, ring.keys);
  const rotated = rotate(ring, { ...bounds, revoked, now: clock() });
  if (rotated.outcome === 'full') {
    throw new Fault('secret', 'The ring is full: its keys are all needed until one of them expires');
  }
  await versions.fill(pending, serializeKeyRing(rotated.ring));
  return rotated.outcome;
}

/** Proves the overlap with the ring that is current now. One that does not overlap is withdrawn for good. */
async function check(parts: RotationParts, { pending, current }: Rotating): Promise<string> {
  const { versions, bounds, clock } = parts;
  const value = await versions.value(pending, PENDING);
  if (value === undefined) throw new Fault('secret', `Version ${pending} has no value yet`);
  const before = await currentRing(parts, current);
  const after = parseKeyRing(value, pending);
  const revoked = await revokedAmong(parts, [...before.keys, ...(after?.keys ?? [])]);
  const flaw = after
    ? overlapFlaw(before, after, { ...bounds, revoked, now: clock() })
    : 'it holds no key ring';
  if (flaw === undefined) return 'overlaps';
  await versions.withdraw(pending);
  throw new Fault('secret', `Version ${pending} is withdrawn (${flaw}): rotate again`);
}

/** Publishes. Checked once more, against the very version that it replaces: time has passed, and keys too. */
async function finish(parts: RotationParts, rotating: Rotating): Promise<string> {
  await check(parts, rotating);
  if (await parts.versions.makeCurrent(rotating.pending, rotating.current)) return 'published';
  throw new Fault('secret', 'Another version became current meanwhile: this step has to be repeated');
}

async function currentRing({ versions }: RotationParts, version: string): Promise<KeyRing> {
  const value = await versions.value(version, CURRENT);
  const ring = value === undefined ? undefined : parseKeyRing(value, version);
  // Whatever it is, to write over it would be to lose it.
  if (!ring)
    throw new Fault('secret', 'The current version holds no key ring: publish the last good one again');
  return ring;
}

async function revokedAmong(
  { isKeyRevoked }: RotationParts,
  keys: readonly RingKey[],
): Promise<ReadonlySet<string>> {
  const kids = [...new Set(keys.map(({ kid }) => kid))];
  const flags = await Promise.all(kids.map(isKeyRevoked));
  return new Set(kids.filter((_, index) => flags[index]));
}
