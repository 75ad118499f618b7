import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AuthStack } from './auth-stack.ts';
import { stageFromContext } from './stage.ts';

/**
 * Context the template depends on. It is set here and not in `cdk.json`, which only the CLI reads: with and
 * without the CLI the same template comes out.
 */
const context = {
  // SAM finds a function's code through this metadata.
  'aws:cdk:enable-asset-metadata': true,
  'aws:cdk:enable-path-metadata': true,
  // A metadata resource would be the only one that differs with the version of the toolchain.
  'aws:cdk:version-reporting': false,
  '@aws-cdk/core:target-partitions': ['aws', 'aws-cn', 'aws-us-gov'],
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  // Without these two a changed authorizer or validator would not be deployed to the stage.
  '@aws-cdk/aws-apigateway:authorizerChangeDeploymentLogicalId': true,
  '@aws-cdk/aws-apigateway:requestValidatorUniqueId': true,
  '@aws-cdk/aws-apigateway:logGroupDestinationArnWithoutWildcard': true,
};

export interface CreateAppProps {
  /**
   * Directory the templates and bundles are written to.
   * @default CDK_OUTDIR, else a temporary directory
   */
  readonly outdir?: string;
  /**
   * Context values: `stage`, `betterAuthUrl`, `trustedOrigins`, `domainName`, `alarmEmail`.
   * Those of the CLI (`-c`) and of CDK_CONTEXT_JSON win over these.
   * @default none
   */
  readonly context?: Readonly<Record<string, unknown>>;
}

export interface SynthesizableApp {
  readonly app: App;
  readonly stack: AuthStack;
}

/**
 * The one CDK app: `cdk` runs it through bin/app.ts, tests and the local stack call it.
 * Synthesis fails on any finding of cdk-nag that is not acknowledged, with a reason, next to its construct.
 */
export function createApp(props: CreateAppProps = {}): SynthesizableApp {
  const app = new App({
    ...(props.outdir === undefined ? {} : { outdir: props.outdir }),
    context: { ...context, ...props.context },
    analyticsReporting: false,
  });
  const stack = new AuthStack(app, 'CrmAuthorizer', { stage: stageFromContext(app.node) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, stack };
}
