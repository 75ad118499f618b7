import * as v from 'valibot';
import type { Owner } from '../../../lambda/core/model.ts';
import { CommandFailure } from '../failure.ts';
import type { Operator } from '../operator.ts';

const identified = v.object({ id: v.string() });
const organizationRow = v.object({ id: v.string(), slug: v.string() });

/** A user by e-mail address or id. @throws {CommandFailure} `not_found` */
export async function findUser({ adapter }: Operator, name: string): Promise<Owner> {
  const where = name.includes('@')
    ? { field: 'email', value: name.toLowerCase() }
    : { field: 'id', value: name };
  const found = v.safeParse(identified, await adapter.findOne({ model: 'user', where: [where] }));
  if (!found.success) throw new CommandFailure('not_found', `There is no user ${name}.`);
  return { kind: 'user', id: found.output.id };
}

/** An organization by slug or id. @throws {CommandFailure} `not_found` */
export async function findOrganization(
  { adapter }: Operator,
  name: string,
): Promise<v.InferOutput<typeof organizationRow>> {
  for (const field of ['slug', 'id']) {
    const row = await adapter.findOne({ model: 'organization', where: [{ field, value: name }] });
    const found = v.safeParse(organizationRow, row);
    if (found.success) return found.output;
  }
  throw new CommandFailure('not_found', `There is no organization ${name}.`);
}

/**
 * Ids of organizations a user's key is to be limited to. One the user is not in would make a key that opens
 * nothing there, or more than was meant once the user joins.
 *
 * @throws {CommandFailure}
 */
export async function organizationsOf(
  operator: Operator,
  user: Owner,
  names: readonly string[],
): Promise<readonly string[]> {
  const organizations = await Promise.all(names.map((name) => findOrganization(operator, name)));
  for (const { id, slug } of organizations) {
    const where = [
      { field: 'userId', value: user.id },
      { field: 'organizationId', value: id },
    ];
    if (!(await operator.adapter.findOne({ model: 'member', where })))
      throw new CommandFailure('refused', `The user is not in ${slug}.`);
  }
  return [...new Set(organizations.map(({ id }) => id))];
}
