import { extensionId, type IdentityProcess, type System } from './system.ts';
import { jar, textAt } from './cookies.ts';

export const password = 'correct horse battery';

/** Somebody with an organization, an API key and an installed extension. */
export interface Somebody {
  readonly email: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly key: string;
  /** The cookies they signed up with. */
  readonly cookie: string;
  readonly signIn: (rememberMe?: boolean) => Promise<string>;
}

export async function somebody(system: System, by: IdentityProcess, name: string): Promise<Somebody> {
  const email = `${name}@example.com`;
  const signedUp = await by.ask('/sign-up/email', '', { email, password, name });
  const cookie = jar(signedUp.cookies);
  const { body } = await by.ask('/organization/create', cookie, { name, slug: name });
  const organizationId = textAt(body, 'id');
  await system.install(organizationId);
  const made = await by.ask('/api-key/create', cookie, { name: extensionId });
  return {
    email,
    userId: textAt(signedUp.body, 'user', 'id'),
    organizationId,
    key: textAt(made.body, 'key'),
    cookie,
    signIn: async (rememberMe = true) =>
      jar((await by.ask('/sign-in/email', '', { email, password, rememberMe })).cookies),
  };
}
