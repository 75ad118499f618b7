import { Construct } from 'constructs';
import type { IdentityTable } from './identity-table.ts';
import { RuntimeFunction } from './runtime-function.ts';
import type { StageConfig } from './stage.ts';

export interface InstallationsProps {
  readonly stage: StageConfig;
  readonly identityTable: IdentityTable;
}

/** Installs and removes extensions: the only function that may write installations, and it writes nothing else. */
export class Installations extends Construct {
  readonly function: RuntimeFunction;

  constructor(scope: Construct, id: string, props: InstallationsProps) {
    super(scope, id);
    this.function = new RuntimeFunction(this, 'Installations', {
      stage: props.stage,
      logicalId: 'Installations',
      entry: 'lambda/extensions/installation-handler.ts',
      description: 'Installs and removes extensions in an organization',
      environment: { AUTH_TABLE_NAME: props.identityTable.table.tableName },
    });
    props.identityTable.grantRead(this.function, ['installation#*']);
    props.identityTable.grantWrite(this.function, ['installation#*']);
  }
}
