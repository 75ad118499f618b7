import { Construct } from 'constructs';
import type { RecordsTable } from './records-table.ts';
import { RuntimeFunction } from './runtime-function.ts';
import type { StageConfig } from './stage.ts';

export interface CrmEndpointsProps {
  readonly stage: StageConfig;
  readonly recordsTable: RecordsTable;
}

/**
 * The CRM behind the authorizer. Its functions know neither identities nor secrets: all they learn about the
 * caller is the authorizer's context.
 */
export class CrmEndpoints extends Construct {
  readonly whoami: RuntimeFunction;
  readonly records: RuntimeFunction;
  readonly actions: RuntimeFunction;
  /** Answers OPTIONS on every route. */
  readonly preflight: RuntimeFunction;

  constructor(scope: Construct, id: string, props: CrmEndpointsProps) {
    super(scope, id);
    const { stage, recordsTable } = props;
    const environment = { RECORDS_TABLE_NAME: recordsTable.table.tableName };
    this.whoami = new RuntimeFunction(this, 'Whoami', {
      stage,
      logicalId: 'Whoami',
      entry: 'lambda/crm/whoami-handler.ts',
      description: 'Shows the caller what the authorizer says about them',
      memorySize: 256,
    });
    this.records = new RuntimeFunction(this, 'Records', {
      stage,
      logicalId: 'Records',
      entry: 'lambda/crm/records-handler.ts',
      description: 'Lists and creates records of one organization',
      environment,
    });
    this.actions = new RuntimeFunction(this, 'Actions', {
      stage,
      logicalId: 'Actions',
      entry: 'lambda/crm/actions-handler.ts',
      description: 'The Action API that extensions call',
      environment,
    });
    this.preflight = new RuntimeFunction(this, 'Preflight', {
      stage,
      logicalId: 'Preflight',
      entry: 'lambda/crm/preflight-handler.ts',
      description: 'Answers CORS preflight requests on every route',
      memorySize: 256,
    });
    recordsTable.grant(this.records, 'Query', 'PutItem');
    recordsTable.grant(this.actions, 'Query', 'PutItem', 'UpdateItem', 'DeleteItem');
  }
}
