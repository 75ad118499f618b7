import { Duration } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Dashboard, GraphWidget, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { CrmAuthorizer } from './authorizer.ts';

export interface ObservabilityProps {
  readonly authorizer: CrmAuthorizer;
  /** Address that alarms are mailed to; it has to confirm once. @default alarms are only shown */
  readonly alarmEmail?: string;
  /** Faults in five minutes that are worth waking somebody. @default 5 */
  readonly faultThreshold?: number;
}

/**
 * What the authorizer says about itself. Alarms are on its own metrics and never on Lambda's `Errors`: on a REST API
 * a refused credential is answered by throwing, so anybody could ring that alarm.
 */
export class Observability extends Construct {
  readonly faults: Alarm;
  readonly staleKeyRing: Alarm;
  readonly failedRotations: Alarm;
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { authorizer, alarmEmail } = props;
    this.faults = authorizer.metricFaults().createAlarm(this, 'Faults', {
      alarmDescription: 'The authorizer cannot tell who is calling: requests are answered 503.',
      threshold: props.faultThreshold ?? 5,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.staleKeyRing = authorizer.metricStaleKeyRing().createAlarm(this, 'StaleKeyRing', {
      alarmDescription:
        'Secrets Manager has not answered, or the current version holds no key ring: the last good rings are used, ' +
        'for an hour at most. Then sessions and tokens are answered 503.',
      threshold: 1,
      // One fetch that failed is no news. Of three, since a quiet stage has periods without a request.
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    // Secrets Manager alone asks for a rotation: one step that failed is worth a look.
    this.failedRotations = authorizer.metric('FailedRotations').createAlarm(this, 'FailedRotations', {
      alarmDescription:
        'A step of a rotation failed. The ring is as it was; its log and the runbook say what to do.',
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (alarmEmail !== undefined) this.mail(alarmEmail);
    this.dashboard = this.createDashboard(authorizer);
  }

  private mail(address: string): void {
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(address));
    for (const alarm of [this.faults, this.staleKeyRing, this.failedRotations])
      alarm.addAlarmAction(new SnsAction(topic));
    // Also where the function was never reached. Arrives through CloudTrail, so the account needs a trail
    // (Secrets Manager user guide, "CloudTrail entries", "Match events with EventBridge").
    const gaveUp = new Rule(this, 'RotationFailed', {
      description: 'Secrets Manager gave a rotation up',
      eventPattern: {
        source: ['aws.secretsmanager'],
        detailType: ['AWS Service Event via CloudTrail'],
        detail: { eventName: ['RotationFailed'] },
      },
    });
    gaveUp.addTarget(new SnsTopic(topic));
  }

  private createDashboard(authorizer: CrmAuthorizer): Dashboard {
    const denied = (reasonClass: string) =>
      authorizer.metric('Denied', { dimensionsMap: { class: reasonClass }, label: reasonClass });
    return new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(3),
      widgets: [
        [
          new GraphWidget({
            title: 'Decisions',
            left: [authorizer.metric('Allowed'), denied('unauthenticated'), denied('forbidden')],
            right: [authorizer.metricFaults()],
          }),
          new GraphWidget({
            title: 'Decision time (ms)',
            left: ['p50', 'p99'].map((statistic) => authorizer.metric('DecisionDuration', { statistic })),
          }),
          new GraphWidget({
            title: 'Reads and cache',
            left: [authorizer.metric('StoreReads')],
            right: [authorizer.metric('CacheHitRate', { statistic: Stats.AVERAGE })],
          }),
        ],
      ],
    });
  }
}
