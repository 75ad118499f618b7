/**
 * The line of a function that signs, when its ring could not be fetched again or what came was none, with the
 * metric that authorizers write with every decision (Embedded Metric Format). One alarm is on both.
 *
 * @param secret which, as it is called; never its value
 * @param now epoch milliseconds
 */
export const staleLine = (secret: string, now: number): Readonly<Record<string, unknown>> => ({
  event: 'stale_key_ring',
  secret,
  StaleKeyRing: 1,
  _aws: {
    Timestamp: now,
    CloudWatchMetrics: [
      { Namespace: 'CrmAuthorizer', Dimensions: [[]], Metrics: [{ Name: 'StaleKeyRing', Unit: 'Count' }] },
    ],
  },
});
