import { Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

export interface WebAclProps {
  /** Stage of the REST API that the ACL stands before. */
  readonly apiStage: Stage;
  /** Requests an address may make in five minutes. @default 30000, 100 a second */
  readonly requestsPerAddress?: number;
  /** Of these, requests to `/api/auth`. @default 1500, 5 a second: an office behind one address */
  readonly identityRequestsPerAddress?: number;
}

/**
 * Rate limits before anything of ours runs. Signing in hashes a password, by design the dearest thing this
 * system does: without a limit of its own, one address could guess passwords, or buy us a large bill.
 */
export class WebAcl extends Construct {
  readonly association: CfnWebACLAssociation;

  constructor(scope: Construct, id: string, props: WebAclProps) {
    super(scope, id);
    const acl = new CfnWebACL(this, 'Acl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('CrmAuthorizer'),
      rules: [
        rateRule('IdentityRequests', 0, props.identityRequestsPerAddress ?? 1_500, {
          byteMatchStatement: {
            // The path begins with the stage's name on the execute-api host, and not on a custom domain.
            fieldToMatch: { uriPath: {} },
            positionalConstraint: 'CONTAINS',
            searchString: '/api/auth/',
            // As API Gateway matches routes: `/api/%61uth/` must count like `/api/auth/`.
            textTransformations: [{ priority: 0, type: 'URL_DECODE' }],
          },
        }),
        rateRule('Requests', 1, props.requestsPerAddress ?? 30_000),
      ],
    });
    const { apiStage } = props;
    this.association = new CfnWebACLAssociation(this, 'Association', {
      webAclArn: acl.attrArn,
      resourceArn: Stack.of(this).formatArn({
        service: 'apigateway',
        account: '',
        resource: '/restapis',
        resourceName: `${apiStage.restApi.restApiId}/stages/${apiStage.stageName}`,
      }),
    });
  }
}

function rateRule(
  name: string,
  priority: number,
  limit: number,
  scopeDownStatement?: CfnWebACL.StatementProperty,
): CfnWebACL.RuleProperty {
  return {
    name,
    priority,
    action: { block: {} },
    visibilityConfig: visibility(name),
    statement: {
      rateBasedStatement: {
        aggregateKeyType: 'IP',
        evaluationWindowSec: 300,
        limit,
        ...(scopeDownStatement ? { scopeDownStatement } : {}),
      },
    },
  };
}

/** Sampled requests would keep headers, and with them credentials, in the WAF console. */
const visibility = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: false,
});
