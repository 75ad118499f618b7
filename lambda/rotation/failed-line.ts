/**
 * The line about a step that failed, with the metric that the alarm is on (Embedded Metric Format). What was thrown is
 * not in it: that is Lambda's to show.
 *
 * @param now epoch milliseconds
 */
export const failedLine = (now: number): Readonly<Record<string, unknown>> => ({
  event: 'rotation_failed',
  FailedRotations: 1,
  _aws: {
    Timestamp: now,
    CloudWatchMetrics: [
      { Namespace: 'CrmAuthorizer', Dimensions: [[]], Metrics: [{ Name: 'FailedRotations', Unit: 'Count' }] },
    ],
  },
});
