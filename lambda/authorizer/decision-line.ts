import { denialClass } from '../core/denial.ts';
import type { Decision } from '../core/decide.ts';
import type { AccessRequest } from '../core/model.ts';
import { matchRoute, type RouteTable } from '../core/route-table.ts';

/** What deciding cost. */
export interface Cost {
  /** Milliseconds. */
  readonly durationMs: number;
  /** Requests to DynamoDB. */
  readonly reads: number;
  /** Writes sent to DynamoDB: uses that are counted, and when a key was last seen. */
  readonly writes: number;
  readonly cache: { readonly hits: number; readonly misses: number };
  readonly coldStart: boolean;
  readonly staleKeyRing: boolean;
}

const namespace = 'CrmAuthorizer';

/**
 * The one line about one decision, with its metrics in the Embedded Metric Format (CloudWatch user guide,
 * "Specification: Embedded metric format"). Carries names of things we know, never what was presented: the
 * route's template instead of the path, ids instead of credentials.
 */
export function decisionLine(
  request: AccessRequest,
  table: RouteTable,
  outcome: Decision | 'fault',
  cost: Cost,
  now: number,
): Readonly<Record<string, unknown>> {
  return {
    event: 'decision',
    requestId: request.id,
    surface: request.surface,
    route: matchRoute(table, request.method, request.path)?.route.path ?? 'unlisted',
    method: request.method,
    ...who(outcome),
    durationMs: cost.durationMs,
    reads: cost.reads,
    writes: cost.writes,
    cache: cost.cache,
    coldStart: cost.coldStart,
    ...metrics(outcome, cost, now),
  };
}

function who(outcome: Decision | 'fault'): Readonly<Record<string, unknown>> {
  if (outcome === 'fault') return { effect: 'fault' };
  const { principal, organization } = outcome;
  return {
    effect: outcome.effect,
    ...(outcome.effect === 'deny' ? { reason: outcome.reason } : {}),
    credentialKind: presented(outcome),
    ...(principal
      ? {
          credentialId: principal.credentialId,
          principalId: `${principal.owner.kind}:${principal.owner.id}`,
          ...(principal.extensionId === undefined ? {} : { extensionId: principal.extensionId }),
        }
      : {}),
    ...(organization ? { organizationId: organization.id } : {}),
  };
}

const presented = (outcome: Decision): string =>
  outcome.effect === 'deny' ? (outcome.credentialKind ?? 'none') : outcome.principal.credentialKind;

function metrics(outcome: Decision | 'fault', cost: Cost, now: number): Readonly<Record<string, unknown>> {
  const { hits, misses } = cost.cache;
  const denied = outcome !== 'fault' && outcome.effect === 'deny';
  return {
    Allowed: outcome !== 'fault' && !denied ? 1 : 0,
    Faults: outcome === 'fault' ? 1 : 0,
    DecisionDuration: cost.durationMs,
    StoreReads: cost.reads,
    StaleKeyRing: cost.staleKeyRing ? 1 : 0,
    ...(hits + misses > 0 ? { CacheHitRate: hits / (hits + misses) } : {}),
    ...(denied ? { Denied: 1, class: denialClass(outcome.reason) } : {}),
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [[]],
          Metrics: [
            { Name: 'Allowed', Unit: 'Count' },
            { Name: 'Faults', Unit: 'Count' },
            { Name: 'DecisionDuration', Unit: 'Milliseconds' },
            { Name: 'StoreReads', Unit: 'Count' },
            { Name: 'StaleKeyRing', Unit: 'Count' },
            ...(hits + misses > 0 ? [{ Name: 'CacheHitRate' }] : []),
          ],
        },
        ...(denied
          ? [{ Namespace: namespace, Dimensions: [['class']], Metrics: [{ Name: 'Denied', Unit: 'Count' }] }]
          : []),
      ],
    },
  };
}
