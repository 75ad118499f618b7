import { Construct } from 'constructs';
import type { IdentityTable } from './identity-table.ts';
import type { KeyRingSecret } from './key-ring-secret.ts';
import { RuntimeFunction } from './runtime-function.ts';
import type { StageConfig } from './stage.ts';

export interface TokenIssuerProps {
  readonly stage: StageConfig;
  readonly identityTable: IdentityTable;
  readonly extensionTokenKeys: KeyRingSecret;
}

/** Mints extension tokens for an installed extension. It signs with the extension ring and knows no other. */
export class TokenIssuer extends Construct {
  readonly function: RuntimeFunction;

  constructor(scope: Construct, id: string, props: TokenIssuerProps) {
    super(scope, id);
    this.function = new RuntimeFunction(this, 'TokenIssuer', {
      stage: props.stage,
      logicalId: 'TokenIssuer',
      entry: 'lambda/extensions/issuer-handler.ts',
      description: 'Mints short-lived tokens for the Action API',
      environment: {
        AUTH_TABLE_NAME: props.identityTable.table.tableName,
        EXTENSION_TOKEN_SECRET_ARN: props.extensionTokenKeys.secret.secretArn,
      },
    });
    props.identityTable.grantRead(this.function, [
      'installation#*',
      'member.userId#*',
      'organization#*',
      'revocation#*',
    ]);
    props.identityTable.grantUpdate(this.function, ['mint#*'], ['pk', 'sk', 'uses', 'endsAt', 'ttl']);
    props.extensionTokenKeys.grantRead(this.function);
  }
}
