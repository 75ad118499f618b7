import { rest } from '../../lambda/surfaces/rest.ts';
import type { TestAuthorizer } from './authorizer.ts';
import { restEvent, type Sent } from './event.ts';

/** What the decision line says of one REST request: `allow`, `fault` or the reason of the refusal. */
export async function outcomeOf(
  world: TestAuthorizer,
  sent: Partial<Sent>,
  by: ReturnType<TestAuthorizer['compose']> = world.compose(),
): Promise<string> {
  const before = world.lines.length;
  await Promise.allSettled([
    world.serve(rest, by)(restEvent({ method: 'GET', path: '/v1/whoami', ...sent })),
  ]);
  const line = world.lines.slice(before).find(({ event }) => event === 'decision');
  return String(line?.['reason'] ?? line?.['effect']);
}
