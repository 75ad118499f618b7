import { convertToNative } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import type { Item } from './identity-table.ts';

/** Better Auth's dates, as its adapter writes them: ISO 8601; here epoch milliseconds. */
const date = v.pipe(v.string(), v.isoTimestamp(), v.transform(Date.parse));
const absent = <Schema extends v.GenericSchema>(schema: Schema) => v.nullish(schema, null);

const apiKey = v.object({
  id: v.string(),
  configId: v.optional(v.string(), 'default'),
  referenceId: v.string(),
  enabled: absent(v.boolean()),
  expiresAt: absent(date),
  permissions: absent(v.string()),
  createdAt: absent(date),
  remaining: absent(v.number()),
  refillAmount: absent(v.number()),
  /** Milliseconds. */
  refillInterval: absent(v.number()),
  lastRefillAt: absent(date),
  rateLimitEnabled: absent(v.boolean()),
  rateLimitMax: absent(v.number()),
  /** Milliseconds. */
  rateLimitTimeWindow: absent(v.number()),
  requestCount: absent(v.number()),
  lastRequest: absent(date),
  // An operator's own. Better Auth does not know these attributes, so no call of its clients writes them.
  disabledByOperator: absent(v.boolean()),
  /** The key ends then whatever `expiresAt` says: its owner may change that one. */
  notAfter: absent(date),
  /** Ids. Absent: all organizations of the owner; empty: none. */
  allowedOrganizations: absent(v.array(v.string())),
  /** IP addresses and CIDR blocks. Absent: every address; empty: none. */
  allowedAddresses: absent(v.array(v.string())),
  /** Id of the key this one was rotated to. */
  successorId: absent(v.string()),
  /** Where it acted last without being asked for an organization; a guess (`Principal`). */
  likelyOrganizationId: absent(v.string()),
  /** By which it can be told whether that is still its owner's first (lambda/store/memberships.ts). */
  likelyMark: absent(v.string()),
});

const session = v.object({
  id: v.string(),
  token: v.string(),
  userId: v.string(),
  expiresAt: date,
  activeOrganizationId: absent(v.string()),
  createdAt: absent(date),
});

const member = v.object({
  id: v.string(),
  userId: v.string(),
  organizationId: v.string(),
  role: v.string(),
  createdAt: date,
});

const organization = v.object({ id: v.string(), slug: v.string() });

const pointer = v.object({ refPk: v.string(), refSk: v.string() });

const installation = v.object({
  organizationId: v.string(),
  extensionId: v.string(),
  enabled: v.boolean(),
  scopes: v.array(v.string()),
});

const placed = v.object({ placed: v.number() });

/** Without `minIssuedAt`, whatever it names is revoked for good. Epoch seconds. */
const revocation = v.object({ minIssuedAt: v.optional(v.pipe(v.number(), v.safeInteger())) });

export type ApiKeyRow = v.InferOutput<typeof apiKey>;
export type SessionRow = v.InferOutput<typeof session>;
export type MemberRow = v.InferOutput<typeof member>;
export type OrganizationRow = v.InferOutput<typeof organization>;
export type InstallationRow = v.InferOutput<typeof installation>;

type RowSchema = v.GenericSchema<unknown, object> & { readonly entries: v.ObjectEntries };

/**
 * Rows of the identity table, parsed once where they enter. Attributes that nobody here reads are not even looked at.
 *
 * @throws {Fault} `store` on a row of another shape: what it grants cannot be told, so nothing is decided
 */
export const rowReader = <Schema extends RowSchema>(model: string, schema: Schema) => {
  const names = Object.keys(schema.entries);
  return (item: Item): v.InferOutput<Schema> => {
    const parsed = v.safeParse(schema, valuesOf(item, names));
    if (parsed.success) return parsed.output;
    const field = parsed.issues[0].path?.[0]?.key;
    throw new Fault('store', `A stored ${model} has an unexpected ${String(field)}`);
  };
};

/** A number that JavaScript cannot hold exactly is refused by `convertToNative`, whose error quotes it. */
function valuesOf(item: Item, names: readonly string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  try {
    // In the order of the schema, which DynamoDB's is not: then all rows of a model have few shapes.
    for (const name of names) {
      const value = item[name];
      if (value !== undefined) values[name] = convertToNative(value);
    }
  } catch {
    throw new Fault('store', 'A stored item cannot be read');
  }
  return values;
}

export const readApiKey = rowReader('API key', apiKey);
export const readSession = rowReader('session', session);
export const readMember = rowReader('membership', member);
export const readOrganization = rowReader('organization', organization);
export const readPointer = rowReader('pointer', pointer);
export const readPlaced = rowReader('count of memberships', placed);
export const readRevocation = rowReader('revocation', revocation);
export const readInstallation = rowReader('installation', installation);
