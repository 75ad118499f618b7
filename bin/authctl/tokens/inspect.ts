import { unkept } from '../../../lambda/core/lease.ts';
import { decomposeJws } from '../../../lambda/credentials/compact-jws.ts';
import { authority } from '../../../lambda/authorizer/authority.ts';
import { revocations } from '../../../lambda/store/revocations.ts';
import type { Operator } from '../operator.ts';
import type { Target } from '../target.ts';

export interface Inspected {
  /** Its signature is of a key of the ring, its claims are ours, and its time is now. */
  readonly verified: boolean;
  /** Why it is refused. */
  readonly reason?: string;
  /** `kid` under which it verified. */
  readonly key?: string;
  readonly revoked?: boolean;
  /** What it claims. Nothing of it is true unless `verified`. */
  readonly says?: { readonly kid?: string; readonly claims: unknown };
}

/** Looks at a token as an authorizer that has just started does; the token itself is told nowhere. */
export async function inspectToken(target: Target, operator: Operator, token: string): Promise<Inspected> {
  const { config, dynamodb, secretsManager } = target;
  const { clock, table } = operator;
  const unverified = decomposeJws(token, true);
  const says = unverified && {
    says: {
      ...(unverified.kid === undefined ? {} : { kid: unverified.kid }),
      claims: unverified.payload,
    },
  };
  const deciding = authority(config, { dynamodb, secretsManager: () => secretsManager }, clock, 'preview');
  await deciding.warmUp();
  const found = await deciding.authenticate.extension_token(
    { kind: 'extension_token', token },
    clock(),
    unkept,
  );
  if ('effect' in found) return { verified: false, reason: found.reason, ...says };

  const { principal, standing } = found;
  const revoked = revocations(table, 0, clock);
  const [stands, refused, refusedThere] = await Promise.all([
    standing,
    revoked.refusePrincipal(principal, unkept),
    revoked.refuseOrganization(principal, principal.organizationId ?? '', unkept),
  ]);
  const refusal = refused ?? refusedThere ?? (stands && 'effect' in stands ? stands : undefined);
  return {
    verified: true,
    ...(refusal ? { reason: refusal.reason } : {}),
    key: principal.signedWith?.[0] ?? '',
    revoked: (refused ?? refusedThere) !== undefined,
    ...says,
  };
}
