import { betterAuth, type BetterAuthOptions } from 'better-auth';
import { isAPIError } from 'better-auth/api';
import { Fault } from '../core/fault.ts';
import { compileOrigins } from '../core/origin.ts';
import type { Config } from '../runtime/config.ts';
import type { Facts } from '../store/facts.ts';
import type { NoteOrganization } from '../store/key-organization.ts';
import { activeOrganization, activeOrganizationFields } from './active-organization.ts';
import { apiKeys } from './api-keys.ts';
import { atomicEndpoints } from './atomic.ts';
import { cookieOptions } from './cookies.ts';
import type { RemoveInstallations } from './installations.ts';
import { noteOrganizationOfNewKeys } from './key-organization.ts';
import { refuseListQuery } from './list-query.ts';
import { organizations } from './organizations.ts';

/** The header in which the source address reaches Better Auth; whatever a client sends by this name is dropped. */
export const sourceAddressHeader = 'x-crm-source-address';

const minute = 60;
const day = 24 * 60 * minute;

/** Seconds a session lasts, and so how long a retired signing key must still verify. */
export const sessionLifetime = 7 * day;

export interface IdentityParts {
  readonly config: Config;
  readonly database: NonNullable<BetterAuthOptions['database']>;
  /** Uncached: a session must start in the organization its user is in now. */
  readonly facts: Facts;
  readonly removeInstallations: RemoveInstallations;
  /** Absent: a key is only noted where it acts when it is used. */
  readonly noteOrganization?: NoteOrganization;
  /** Text of the key that signs cookies now. */
  readonly secret: string;
}

/**
 * Better Auth as this CRM runs it. Everything it would derive from NODE_ENV or from a request's `Host` is set
 * here: in `test` it would switch its CSRF check off, in `production` its rate limiter on (1.7.5).
 */
export function createAuth({
  config,
  database,
  facts,
  removeInstallations,
  noteOrganization,
  secret,
}: IdentityParts) {
  const exact = config.trustedOrigins.filter((origin) => !origin.includes('*'));
  const trusted = compileOrigins(config.trustedOrigins);
  return betterAuth({
    appName: 'CRM',
    baseURL: config.issuer,
    basePath: '/api/auth',
    secret,
    database,
    // Our matcher answers for wildcards, so that Better Auth never trusts an origin the authorizer refuses.
    trustedOrigins: async (request) => {
      const origin = request?.headers.get('origin');
      return origin && trusted(origin) ? [...exact, origin] : exact;
    },
    emailAndPassword: { enabled: true, autoSignIn: true, requireEmailVerification: false },
    user: { deleteUser: { enabled: true } },
    session: {
      expiresIn: sessionLifetime,
      updateAge: day,
      cookieCache: { enabled: true, maxAge: 5 * minute, strategy: 'compact' },
      additionalFields: activeOrganizationFields,
    },
    // Expired rows leave by DynamoDB's TTL; a sweep would be a scan.
    verification: { disableCleanup: true },
    hooks: {
      before: refuseListQuery,
      ...(noteOrganization ? { after: noteOrganizationOfNewKeys(facts, noteOrganization) } : {}),
    },
    databaseHooks: { session: activeOrganization(facts) },
    rateLimit: { enabled: config.stage !== 'dev', storage: 'database' },
    advanced: {
      ...cookieOptions(config),
      disableCSRFCheck: false,
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [sourceAddressHeader] },
    },
    telemetry: { enabled: false },
    // Better Auth's own lines quote origins, URLs and errors. What failed is told by the endpoint, in our words.
    logger: { disabled: true },
    onAPIError: { onError: throwFaults },
    plugins: [
      organizations(removeInstallations),
      apiKeys(config.stage === 'production' ? 'live' : 'test'),
      atomicEndpoints,
    ],
  });
}

/** Else better-call prints the error with its stack, and with it whatever the error quotes (1.4.0). */
function throwFaults(error: unknown): void {
  if (!isAPIError(error)) throw new Fault('store', 'Better Auth could not answer', { cause: error });
}

export type Auth = ReturnType<typeof createAuth>;
