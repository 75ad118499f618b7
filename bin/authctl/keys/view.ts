import { isLimited } from '../../../lambda/store/key-limits.ts';
import type { ApiKeyRow } from '../../../lambda/store/rows.ts';
import { table } from '../output.ts';
import type { StoredKey } from './stored.ts';

/** A key as it is listed. Neither the key nor its hash. */
export interface KeyView {
  readonly id: string;
  readonly name: string | null;
  readonly start: string | null;
  readonly owner: string;
  readonly status: 'active' | 'disabled' | 'revoked' | 'expired';
  /** JSON of Better Auth's permissions; null: all that the owner's role gives. */
  readonly permissions: string | null;
  readonly limits?: {
    readonly remaining?: number;
    readonly refill?: { readonly count: number; readonly milliseconds: number };
    readonly rate?: { readonly count: number; readonly milliseconds: number };
  };
  readonly allowedOrganizations?: readonly string[];
  readonly allowedAddresses?: readonly string[];
  readonly createdAt?: string;
  readonly expiresAt?: string;
  readonly lastRequest?: string;
  readonly successorId?: string;
}

/** @param now epoch milliseconds */
export function viewKey({ row, name, start }: StoredKey, now: number): KeyView {
  const end = Math.min(row.expiresAt ?? Infinity, row.notAfter ?? Infinity);
  return {
    id: row.id,
    name,
    start,
    owner: `${row.configId === 'organization' ? 'organization' : 'user'}:${row.referenceId}`,
    status: statusOf(row, end, now),
    permissions: row.permissions,
    ...(isLimited(row) ? { limits: limitsOf(row) } : {}),
    ...(row.allowedOrganizations === null ? {} : { allowedOrganizations: row.allowedOrganizations }),
    ...(row.allowedAddresses === null ? {} : { allowedAddresses: row.allowedAddresses }),
    ...dated('createdAt', row.createdAt),
    ...dated('expiresAt', Number.isFinite(end) ? end : null),
    ...dated('lastRequest', row.lastRequest),
    ...(row.successorId === null ? {} : { successorId: row.successorId }),
  };
}

function statusOf(row: ApiKeyRow, end: number, now: number): KeyView['status'] {
  if (row.disabledByOperator === true) return 'revoked';
  if (row.enabled === false) return 'disabled';
  return end <= now ? 'expired' : 'active';
}

function limitsOf(row: ApiKeyRow): NonNullable<KeyView['limits']> {
  const { remaining, refillAmount, refillInterval, rateLimitMax, rateLimitTimeWindow } = row;
  return {
    ...(remaining === null ? {} : { remaining }),
    ...(refillAmount && refillInterval
      ? { refill: { count: refillAmount, milliseconds: refillInterval } }
      : {}),
    ...(row.rateLimitEnabled === false || rateLimitMax === null || rateLimitTimeWindow === null
      ? {}
      : { rate: { count: rateLimitMax, milliseconds: rateLimitTimeWindow } }),
  };
}

const dated = <Name extends string>(
  name: Name,
  at: number | null,
): { readonly [Key in Name]?: string } | object =>
  at === null ? {} : { [name]: new Date(at).toISOString() };

export function keyTable(keys: readonly KeyView[]): string {
  if (keys.length === 0) return 'No keys.';
  return table(
    ['id', 'name', 'begins', 'owner', 'status', 'permissions', 'limits', 'ends', 'last used'],
    keys.map((key) => [
      key.id,
      key.name ?? '',
      key.start ?? '',
      key.owner,
      key.successorId === undefined ? key.status : `${key.status}, rotated`,
      key.permissions ?? 'role',
      limitText(key),
      key.expiresAt ?? 'never',
      key.lastRequest ?? 'never',
    ]),
  );
}

function limitText({ limits, allowedOrganizations, allowedAddresses }: KeyView): string {
  return [
    limits?.remaining === undefined ? '' : `${limits.remaining} left`,
    limits?.rate ? `${limits.rate.count} per ${limits.rate.milliseconds} ms` : '',
    allowedOrganizations ? `${allowedOrganizations.length} organizations` : '',
    allowedAddresses ? allowedAddresses.join(' ') : '',
  ]
    .filter(Boolean)
    .join('; ');
}
