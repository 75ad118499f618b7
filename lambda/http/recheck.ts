import type { AuthContext } from '../context/auth-context.ts';
import { denialDescription, type DenialReason } from '../core/denial.ts';
import type { Scope } from '../core/model.ts';
import { requiredScope, type RouteMatch } from '../core/route-table.ts';
import { allows } from '../core/scopes.ts';
import type { Refusal } from './refusal.ts';

/**
 * The authorizer's last step once more, from its context: were a policy ever too wide, or cached for another
 * route, the endpoint would still not answer.
 */
export function recheck(context: AuthContext, match: RouteMatch): Refusal | undefined {
  if (!match.route.accepts.includes(context.credentialKind)) return forbidden('credential_kind_not_accepted');
  const scope = requiredScope(match);
  return scope === undefined ? undefined : requireScope(context, scope);
}

/** Effective scopes of the caller. */
export const scopesOf = ({ scopes }: AuthContext): readonly Scope[] => scopes.split(' ').filter(Boolean);

export const requireScope = (context: AuthContext, scope: Scope): Refusal | undefined =>
  allows(scopesOf(context), scope) ? undefined : forbidden('scope_insufficient', scope);

export const forbidden = (reason: DenialReason, scope?: Scope): Refusal => ({
  error: 'forbidden',
  reason,
  message: denialDescription(reason),
  ...(scope === undefined ? {} : { scope }),
});
