import type { StackProps } from 'aws-cdk-lib';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { CrmAuthorizer } from './authorizer.ts';
import { CrmApi } from './crm-api.ts';
import { CrmEndpoints } from './crm-endpoints.ts';
import { IdentityService } from './identity-service.ts';
import { IdentityTable } from './identity-table.ts';
import { Installations } from './installations.ts';
import { KeyRingSecret } from './key-ring-secret.ts';
import { Observability } from './observability.ts';
import { RecordsTable } from './records-table.ts';
import type { StageConfig } from './stage.ts';
import { TokenIssuer } from './token-issuer.ts';

export interface AuthStackProps extends StackProps {
  readonly stage: StageConfig;
}

/** Everything that is deployed: data, secrets, identity, the authorizer, and the CRM's REST API behind it. */
export class AuthStack extends Stack {
  readonly observability: Observability;

  constructor(scope: Construct, id: string, props: AuthStackProps) {
    const { stage, ...stackProps } = props;
    super(scope, id, { stackName: `crm-authorizer-${stage.name}`, ...stackProps });
    const identityTable = new IdentityTable(this, 'IdentityTable', { stage });
    const recordsTable = new RecordsTable(this, 'RecordsTable', { stage });
    const extensionTokenKeys = new KeyRingSecret(this, 'ExtensionTokenKeys', {
      stage,
      description: 'Signs and verifies extension tokens',
    });
    const betterAuthKeys = new KeyRingSecret(this, 'BetterAuthKeys', {
      stage,
      description: 'Signs and verifies session cookies',
    });

    const authorizer = new CrmAuthorizer(this, 'Authorizer', {
      stage,
      identityTable,
      extensionTokenKeys,
      betterAuthKeys,
    });
    const identity = new IdentityService(this, 'IdentityService', { stage, identityTable, betterAuthKeys });
    const tokenIssuer = new TokenIssuer(this, 'TokenIssuerService', {
      stage,
      identityTable,
      extensionTokenKeys,
    });
    const installations = new Installations(this, 'InstallationService', { stage, identityTable });
    const crm = new CrmEndpoints(this, 'Crm', { stage, recordsTable });
    const functions = {
      RestAuthorizer: authorizer.rest.function,
      Identity: identity.function.function,
      TokenIssuer: tokenIssuer.function.function,
      Installations: installations.function.function,
      Whoami: crm.whoami.function,
      Records: crm.records.function,
      Actions: crm.actions.function,
      Preflight: crm.preflight.function,
    };
    const api = new CrmApi(this, 'Api', {
      stage,
      authorizer: authorizer.restAuthorizer,
      endpoints: {
        whoami: functions.Whoami,
        records: functions.Records,
        actions: functions.Actions,
        installations: functions.Installations,
        tokenIssuer: functions.TokenIssuer,
      },
      identity: functions.Identity,
      preflight: functions.Preflight,
    });

    this.observability = new Observability(this, 'Observability', {
      authorizer,
      ...(stage.alarmEmail === undefined ? {} : { alarmEmail: stage.alarmEmail }),
    });

    this.output('RestUrl', api.url);
    this.output('TableName', identityTable.table.tableName);
    this.output('RecordsTableName', recordsTable.table.tableName);
    this.output('ExtensionTokenSecretArn', extensionTokenKeys.secret.secretArn);
    this.output('BetterAuthSecretArn', betterAuthKeys.secret.secretArn);
    this.outputFunctions(functions);
  }

  private output(name: string, value: string): void {
    new CfnOutput(this, name, { value }).overrideLogicalId(name);
  }

  private outputFunctions(functions: Readonly<Record<string, IFunction>>): void {
    for (const [name, { functionName }] of Object.entries(functions))
      this.output(`${name}Function`, functionName);
  }
}
