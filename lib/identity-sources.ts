import { CfnAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IConstruct } from 'constructs';

/**
 * Takes the identity sources off the authorizers of an API. Asked for none, CDK writes an empty list; none is
 * said to API Gateway by leaving the property out ("For a REQUEST authorizer, this is optional").
 */
export function removeIdentitySources(api: IConstruct): void {
  for (const each of api.node.findAll()) {
    if (each instanceof CfnAuthorizer) each.addPropertyDeletionOverride('IdentitySource');
  }
}
