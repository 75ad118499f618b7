import { afterAll, describe, expect, test } from '@jest/globals';
import { only, synthesize } from './synthesized.ts';

const silent = synthesize();
const mailing = synthesize({ alarmEmail: 'oncall@example.com' });
afterAll(() => {
  silent.remove();
  mailing.remove();
});

const alarms = mailing.ofType('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);

describe('alarms', () => {
  test('ring on faults, and never on Lambda errors, which any refused caller makes', () => {
    expect(alarms.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`).toSorted()).toEqual([
      'CrmAuthorizer Faults',
      'CrmAuthorizer StaleKeyRing',
    ]);
  });

  test('stay silent while there is no traffic', () => {
    expect(alarms.map(({ TreatMissingData }) => TreatMissingData)).toEqual(['notBreaching', 'notBreaching']);
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
    expect(silent.ofType('AWS::CloudWatch::Alarm')).toHaveLength(2);
  });
});
