import { afterAll, describe, expect, test } from '@jest/globals';
import { defaultBounds } from '../../lib/rotation.ts';
import { only, synthesize } from './synthesized.ts';

const silent = synthesize();
const mailing = synthesize({ alarmEmail: 'oncall@example.com' });
afterAll(() => {
  silent.remove();
  mailing.remove();
});

const alarms = mailing.ofType('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);

describe('alarms', () => {
  test('ring on metrics of our own, and on no Lambda errors: a refused caller could ring those', () => {
    expect(alarms.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`).toSorted()).toEqual([
      'CrmAuthorizer FailedRotations',
      'CrmAuthorizer Faults',
      'CrmAuthorizer StaleKeyRing',
    ]);
  });

  test('ring at the first step of a rotation that fails', () => {
    expect(only(alarms, ({ MetricName }) => MetricName === 'FailedRotations')).toMatchObject({
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  });

  test('ring on a stale ring long before it is too old to be used', () => {
    const { EvaluationPeriods, Period } = only(alarms, ({ MetricName }) => MetricName === 'StaleKeyRing');
    expect(EvaluationPeriods * Period).toBeLessThanOrEqual(defaultBounds.stale.toSeconds() / 2);
  });

  test('tell of a rotation whose function Secrets Manager could not reach', () => {
    const topic = only(mailing.ofType('AWS::SNS::Topic'));
    expect(only(mailing.ofType('AWS::Events::Rule')).Properties).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.secretsmanager'],
        'detail-type': ['AWS Service Event via CloudTrail'],
        detail: { eventName: ['RotationFailed'] },
      },
      Targets: [{ Arn: { Ref: topic.id } }],
    });
    const { Statement: statements } = only(mailing.ofType('AWS::SNS::TopicPolicy')).Properties.PolicyDocument;
    expect(statements).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'events.amazonaws.com' },
      }),
    );
  });

  test('stay silent while there is no traffic', () => {
    expect(new Set(alarms.map(({ TreatMissingData }) => TreatMissingData))).toEqual(
      new Set(['notBreaching']),
    );
  });

  test('are mailed to the address of the context, over TLS only', () => {
    const topic = only(mailing.ofType('AWS::SNS::Topic'));
    expect(only(mailing.ofType('AWS::SNS::Subscription')).Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'oncall@example.com',
      TopicArn: { Ref: topic.id },
    });
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([{ Ref: topic.id }]);
    const { Statement: statements } = only(mailing.ofType('AWS::SNS::TopicPolicy')).Properties.PolicyDocument;
    expect(statements).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  test('are mailed to nobody without an address', () => {
    expect(silent.ofType('AWS::SNS::Topic')).toEqual([]);
    expect(silent.ofType('AWS::Events::Rule')).toEqual([]);
    expect(silent.ofType('AWS::CloudWatch::Alarm')).toHaveLength(3);
  });
});

const stages = [...silent.ofType('AWS::ApiGateway::Stage'), ...silent.ofType('AWS::ApiGatewayV2::Stage')];

/** What a client writes, or what was verified but is nobody's business in a log of addresses. */
const clientText =
  /\$context\.(path|error\.message|error\.messageString|error\.validationErrorString|identity\.(userAgent|user|caller|apiKey)|authorizer\.(credentialId|scopes|claims|error))/;

test('each of the three APIs has one stage, with an access log', () => {
  expect(stages).toHaveLength(3);
});

describe.each(stages.map((stage) => [stage.id, stage.Properties] as const))('%s', (_, stage) => {
  const { Format, DestinationArn } = stage.AccessLogSetting ?? stage.AccessLogSettings;
  const fields: Readonly<Record<string, string>> = JSON.parse(Format);

  test('writes an access log of which no field carries text of the client', () => {
    expect(fields.requestId).toBe('$context.requestId');
    expect(fields.route).toMatch(/^\$context\.(resourcePath|routeKey)$/);
    expect(Object.values(fields).filter((field) => clientText.test(field))).toEqual([]);
  });

  test('keeps it in a group of its own, for a limited time', () => {
    const groups = Object.values(silent.resources).filter(
      ({ id, Type }) => Type === 'AWS::Logs::LogGroup' && JSON.stringify(DestinationArn).includes(`"${id}"`),
    );
    expect(only(groups).Properties.RetentionInDays).toBe(7);
  });
});
