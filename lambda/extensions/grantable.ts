import type { Scope } from '../core/model.ts';
import { allows, intersect, isScope } from '../core/scopes.ts';
import { forbidden } from '../http/recheck.ts';
import type { Refusal } from '../http/refusal.ts';

/**
 * The scopes of a token: those asked for, or all there are, of what the installation was granted and the
 * caller's role gives. Asking for more is refused, not trimmed: the extension would fail later, elsewhere.
 *
 * @param granted to the installation
 * @param own the caller's effective scopes
 */
export function grantable(
  granted: readonly Scope[],
  own: readonly Scope[],
  asked: readonly Scope[] | undefined,
): { readonly scopes: readonly Scope[] } | Refusal {
  // A `*` that got into an installation by another way than its endpoint stays there.
  const most = intersect(granted, own).filter(isScope);
  const missing = asked?.find((scope) => !allows(most, scope));
  if (missing !== undefined) return forbidden('scope_insufficient', missing);
  const scopes = asked ?? most;
  return scopes.length === 0 ? forbidden('scope_insufficient') : { scopes };
}
