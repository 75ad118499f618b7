import type { IdentityTable } from '../store/identity-table.ts';

/** Which of these keys an operator has revoked. @throws {Fault} `store` when that cannot be told */
export type RevokedKids = (kids: readonly string[]) => Promise<ReadonlySet<string>>;

/** Revocation items have no TTL, and no function may write one: a key that was revoked stays so. */
export function revokedKids(table: IdentityTable): RevokedKids {
  return async (kids) => {
    const items = await Promise.all(kids.map((kid) => table.get({ pk: `revocation#kid#${kid}`, sk: '#' })));
    return new Set(kids.filter((_, index) => items[index] !== undefined));
  };
}
