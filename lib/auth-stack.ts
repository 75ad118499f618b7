import type { StackProps } from 'aws-cdk-lib';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CrmAuthorizer } from './authorizer.ts';
import { CrmApi } from './crm-api.ts';
import { CrmEndpoints } from './crm-endpoints.ts';
import { CrmHttpApi } from './crm-http-api.ts';
import { IdentityService } from './identity-service.ts';
import { IdentityTable } from './identity-table.ts';
import { Installations } from './installations.ts';
import { KeyRingEncryption } from './key-ring-encryption.ts';
import { KeyRingSecret } from './key-ring-secret.ts';
import { Observability } from './observability.ts';
import { RealtimeApi } from './realtime-api.ts';
import { RecordsTable } from './records-table.ts';
import { KeyRingRotation } from './rotation.ts';
import type { RuntimeFunction } from './runtime-function.ts';
import type { StageConfig } from './stage.ts';
import { TokenIssuer } from './token-issuer.ts';

export interface AuthStackProps extends StackProps {
  readonly stage: StageConfig;
}

/** Everything that is deployed: data, secrets, identity, the authorizer, and the CRM's APIs behind it. */
export class AuthStack extends Stack {
  readonly observability: Observability;

  constructor(scope: Construct, id: string, props: AuthStackProps) {
    const { stage, ...stackProps } = props;
    super(scope, id, { stackName: `crm-authorizer-${stage.name}`, ...stackProps });
    const identityTable = new IdentityTable(this, 'IdentityTable', { stage });
    const recordsTable = new RecordsTable(this, 'RecordsTable', { stage });
    const encryption =
      stage.name === 'production' ? { encryption: new KeyRingEncryption(this, 'KeyRingEncryption') } : {};
    const extensionTokenKeys = new KeyRingSecret(this, 'ExtensionTokenKeys', {
      stage,
      ...encryption,
      description: 'Signs and verifies extension tokens',
    });
    const betterAuthKeys = new KeyRingSecret(this, 'BetterAuthKeys', {
      stage,
      ...encryption,
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
    const realtime = new RealtimeApi(this, 'RealtimeApi', {
      stage,
      identityTable,
      authorizer: authorizer.webSocketAuthorizer,
    });
    const rotation = new KeyRingRotation(this, 'ExtensionTokenRotation', {
      stage,
      logicalId: 'Rotation',
      secretKind: 'extension-token',
      keys: extensionTokenKeys,
      identityTable,
      every: Duration.days(30),
      longestLifetime: Duration.hours(1),
    });
    const sessionRotation = new KeyRingRotation(this, 'SessionRotation', {
      stage,
      logicalId: 'SessionRotation',
      secretKind: 'better-auth',
      keys: betterAuthKeys,
      identityTable,
      every: Duration.days(90),
      longestLifetime: Duration.days(7),
    });
    const served = {
      identity: identity.function.function,
      preflight: crm.preflight.function,
      endpoints: {
        whoami: crm.whoami.function,
        records: crm.records.function,
        actions: crm.actions.function,
        installations: installations.function.function,
        tokenIssuer: tokenIssuer.function.function,
      },
    };
    const api = new CrmApi(this, 'Api', { stage, authorizer: authorizer.restAuthorizer, functions: served });
    const httpApi = new CrmHttpApi(this, 'HttpApi', {
      stage,
      authorizer: authorizer.httpAuthorizer,
      functions: served,
    });

    this.observability = new Observability(this, 'Observability', {
      authorizer,
      ...(stage.alarmEmail === undefined ? {} : { alarmEmail: stage.alarmEmail }),
    });

    this.output('RestUrl', api.url);
    this.output('HttpUrl', httpApi.url);
    this.output('WebSocketUrl', realtime.url);
    this.output('TableName', identityTable.table.tableName);
    this.output('RecordsTableName', recordsTable.table.tableName);
    this.output('ExtensionTokenSecretArn', extensionTokenKeys.secret.secretArn);
    this.output('BetterAuthSecretArn', betterAuthKeys.secret.secretArn);
    this.outputFunctions({
      RestAuthorizer: authorizer.rest,
      RestTokenAuthorizer: authorizer.restToken,
      HttpAuthorizer: authorizer.http,
      HttpIamAuthorizer: authorizer.httpIam,
      HttpV1Authorizer: authorizer.httpV1,
      WebSocketAuthorizer: authorizer.websocket,
      Identity: identity.function,
      TokenIssuer: tokenIssuer.function,
      Installations: installations.function,
      Whoami: crm.whoami,
      Records: crm.records,
      Actions: crm.actions,
      Preflight: crm.preflight,
      Realtime: realtime.function,
      Rotation: rotation.function,
      SessionRotation: sessionRotation.function,
    });
  }

  private output(name: string, value: string): void {
    new CfnOutput(this, name, { value }).overrideLogicalId(name);
  }

  private outputFunctions(functions: Readonly<Record<string, RuntimeFunction>>): void {
    for (const [name, { function: deployed }] of Object.entries(functions))
      this.output(`${name}Function`, deployed.functionName);
  }
}
