import type { AuthContext } from '../context/auth-context.ts';
import { callerOf } from '../core/authorize.ts';
import type { Decision, Refusable, Standing } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import { unkept } from '../core/lease.ts';
import type { Caller, Principal } from '../core/model.ts';
import { routes } from '../core/routes.ts';
import { allows } from '../core/scopes.ts';
import { principalOfKey } from '../credentials/api-key.ts';
import { principalOfSession } from '../credentials/session.ts';
import type { Facts } from '../store/facts.ts';
import type { Revocations } from '../store/revocations.ts';
import { resolveOrganization } from '../store/tenancy.ts';

/** Decides again for an open connection. @param now epoch milliseconds */
export type DecideAgain = (context: AuthContext, now: number) => Promise<Decision>;

/** The row of the route table that connections are opened by. */
const connect = routes.find(({ endpoint }) => endpoint === 'realtime');

/**
 * What `$connect` decided, decided once more from the rows as they are now: an authorizer sees a WebSocket
 * only when it opens, so without this a deleted session, a disabled key, a lost membership or a lowered role
 * would go on reading for two hours. The credential is not there any more; its id, in the context, is.
 */
export function decideAgain(facts: Facts, revocations: Revocations): DecideAgain {
  const resolve = resolveOrganization(facts, revocations);
  return async (context, now) => {
    if (context.expiresAt !== undefined && context.expiresAt * 1000 <= now) return deny('credential_expired');
    const credential = await credentialOf(facts, context, now);
    if ('effect' in credential) return credential;
    const { principal, grant } = credential;

    const [revoked, tenancy] = await Promise.all([
      revocations.refusePrincipal(principal, unkept),
      resolve(principal, context.organizationId, unkept),
    ]);
    if (revoked) return revoked;
    if ('effect' in tenancy) return tenancy;
    // Names are looked up as slugs too, and this id may have become another organization's slug.
    if (tenancy.organization.id !== context.organizationId) return deny('organization_forbidden');
    return mayConnect(callerOf(principal, tenancy, grant));
  };
}

interface Presented extends Standing {
  readonly principal: Principal;
}

async function credentialOf(facts: Facts, context: AuthContext, now: number): Promise<Refusable<Presented>> {
  const { credentialId } = context;
  switch (context.credentialKind) {
    case 'session':
      return ownedBy(context, principalOfSession(await facts.sessionById(credentialId, unkept), now));
    case 'api_key':
      return ownedBy(context, principalOfKey(await facts.apiKeyById(credentialId, unkept), now));
    case 'extension_token':
      return tokenOf(facts, context);
  }
}

/** The row's principal, if it is still the one the connection was opened for. */
function ownedBy(context: AuthContext, principal: Refusable<Principal>): Refusable<Presented> {
  if ('effect' in principal) return principal;
  const { kind, id } = principal.owner;
  const same =
    context.userId === undefined
      ? kind === 'organization' && id === context.organizationId
      : kind === 'user' && id === context.userId;
  if (!same) return deny('credential_unknown');
  return { principal: { ...principal, ...endOf(context, principal) } };
}

/** A connection ends when its credential would have, also where a session was prolonged meanwhile. */
function endOf(context: AuthContext, principal: Principal): Pick<Principal, 'expiresAt'> {
  const ends = [context.expiresAt, principal.expiresAt].filter((end) => end !== undefined);
  return ends.length === 0 ? {} : { expiresAt: Math.min(...ends) };
}

/** A token has no row. What it carried is in the context, already cut to what was granted when it connected. */
async function tokenOf(facts: Facts, context: AuthContext): Promise<Refusable<Presented>> {
  const { organizationId, userId, extensionId, credentialId, scopes, expiresAt } = context;
  if (userId === undefined || extensionId === undefined || expiresAt === undefined) {
    return deny('claims_invalid');
  }
  const installation = await facts.installation(organizationId, extensionId, unkept);
  if (!installation?.enabled) return deny('installation_inactive');
  return {
    grant: installation.scopes,
    principal: {
      owner: { kind: 'user', id: userId },
      credentialKind: 'extension_token',
      credentialId,
      scopes: scopes.split(' ').filter(Boolean),
      expiresAt,
      organizationId,
      extensionId,
    },
  };
}

function mayConnect(who: Caller): Decision {
  if (!connect?.accepts.includes(who.principal.credentialKind)) return deny('credential_kind_not_accepted');
  if (connect.scope !== undefined && !allows(who.scopes, connect.scope)) return deny('scope_insufficient');
  return { effect: 'allow', ...who };
}
