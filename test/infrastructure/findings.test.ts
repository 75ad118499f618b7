import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { createApp } from '../../lib/app.ts';
import { synthesize } from './synthesized.ts';

interface Finding {
  readonly ruleName: string;
  readonly reason: string;
  readonly acknowledgedAt: string;
}

const stack = synthesize({}, { validation: true });
afterAll(stack.remove);
const [report] = JSON.parse(readFileSync(join(stack.outdir, 'validation-report.json'), 'utf8')).pluginReports;

test('no finding of cdk-nag is left open', () => {
  expect(report.pluginName).toBe('AwsSolutions');
  expect(report.violations).toEqual([]);
});

const connections = 'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocket>/dev';

test('these findings are acknowledged, each with a reason, and no others', () => {
  const findings: readonly Finding[] = report.suppressedViolations;
  const rules = new Set(
    findings.map(({ ruleName }) => ruleName.replace(/\[Policy::.*/, '').replace(/:<\w+>\//, ':<WebSocket>/')),
  );
  expect([...rules].toSorted()).toEqual([
    'AwsSolutions-APIG4',
    'AwsSolutions-COG4',
    'AwsSolutions-IAM4',
    'AwsSolutions-IAM5[Resource::*]',
    `AwsSolutions-IAM5[Resource::${connections}/DELETE/@connections/*]`,
    `AwsSolutions-IAM5[Resource::${connections}/POST/@connections/*]`,
  ]);
  for (const { reason } of findings) expect(reason.length).toBeGreaterThan(40);
});

test('a route without an authorizer is acknowledged one by one, never for the whole API', () => {
  const findings: readonly Finding[] = report.suppressedViolations;
  const open = findings.filter(({ ruleName }) => ruleName === 'AwsSolutions-APIG4');
  const route = /\/(?:OPTIONS|ANY)(?:--[^/]+)?$|\/\$(?:disconnect|default)-Route$/;
  expect(open.map(({ acknowledgedAt }) => acknowledgedAt).filter((path) => !route.test(path))).toEqual([]);
});

test('a finding that nobody acknowledged ends the synthesis', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'crm-synth-'));
  try {
    const { app, stack: altered } = createApp({ outdir });
    const secret = new CfnSecret(altered, 'Unrotated');
    expect(() => app.synth()).toThrow(secret.node.path);
  } finally {
    rmSync(outdir, { recursive: true });
  }
});
