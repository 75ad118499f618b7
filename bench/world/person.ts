import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Auth } from '../../lambda/identity/auth.ts';
import { installationKey } from '../../lambda/store/keys.ts';
import { put } from './items.ts';
import { environment, extensionId } from './place.ts';

/** Somebody who owns an organization, with a key and a session, all made by Better Auth. */
export interface Person {
  readonly userId: string;
  readonly organizationId: string;
  readonly organizationSlug: string;
  readonly apiKey: string;
  /** Both cookies, as a browser sends them. */
  readonly cookie: string;
}

const origin = new URL(environment.BETTER_AUTH_URL).origin;

/** Signs up, makes an organization and a key, and installs an extension. */
export async function newPerson(
  auth: Auth,
  client: DynamoDBClient,
  table: string,
  name = 'ada',
): Promise<Person> {
  const jar = cookieJar();
  const headers = (): Headers => new Headers({ cookie: jar.header(), origin });
  const signedUp = await auth.api.signUpEmail({
    body: { name, email: `${name}@example.com`, password: 'correct horse battery' },
    returnHeaders: true,
  });
  jar.keep(signedUp.headers);
  const userId = signedUp.response.user.id;
  const organizationSlug = `${name}-company`;
  const created = await auth.api.createOrganization({
    body: { name, slug: organizationSlug },
    headers: headers(),
  });
  if (created === null) throw new Error('Better Auth made no organization.');
  const organizationId = created.id;
  const active = await auth.api.setActiveOrganization({
    body: { organizationId },
    headers: headers(),
    returnHeaders: true,
  });
  jar.keep(active.headers);
  const { key } = await auth.api.createApiKey({ body: { name: 'bench', userId } });

  const installation = {
    ...installationKey(organizationId, extensionId),
    organizationId,
    extensionId,
    name: extensionId,
    origins: ['https://extension.example.net'],
    enabled: true,
    scopes: ['records:read', 'actions:invoke'],
  };
  await put(client, table, [installation].values());
  return { userId, organizationId, organizationSlug, apiKey: key, cookie: jar.header() };
}

/** A browser's memory of cookies, for one site. */
function cookieJar() {
  const cookies = new Map<string, string>();
  return {
    keep(headers: Headers): void {
      for (const line of headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        const equals = pair.indexOf('=');
        cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
      }
    },
    header: (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
  };
}
