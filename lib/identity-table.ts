import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { StageConfig } from './stage.ts';

export interface IdentityTableProps {
  readonly stage: StageConfig;
}

/** A family of partition keys, as an IAM pattern: `session#*`. */
export type Partition = `${string}#*`;

/**
 * Users, sessions, keys, organizations, installations and revocations in one table. No index: every read on
 * which access depends is a strongly consistent read of a base-table key.
 *
 * Rights are given by partition (`dynamodb:LeadingKeys`), so a function that is taken over reaches no rows but
 * those it works with. Nobody may scan: a Scan has no leading key, and would read everything.
 */
export class IdentityTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, props: IdentityTableProps) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      timeToLiveAttribute: 'ttl',
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.stage.keepsData,
      removalPolicy: props.stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  /** Lets the grantee read items and lists of these partitions. */
  grantRead(grantee: IGrantable, partitions: readonly Partition[]): Grant {
    return this.grant(grantee, partitions, ['GetItem', 'BatchGetItem', 'Query']);
  }

  /** Lets the grantee write items of these partitions, alone or in transactions. */
  grantWrite(grantee: IGrantable, partitions: readonly Partition[]): Grant {
    return this.grant(grantee, partitions, ['PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem']);
  }

  /**
   * Lets the grantee change these attributes of items of these partitions, one at a time, and name no others in
   * doing so (`dynamodb:Attributes`, DynamoDB developer guide, "fine-grained access control"). Keys must be listed.
   */
  grantUpdate(grantee: IGrantable, partitions: readonly Partition[], attributes: readonly string[]): Grant {
    return this.grant(grantee, partitions, ['UpdateItem'], attributes);
  }

  /** Lets the grantee delete items of these partitions, and neither make nor change one. */
  grantDelete(grantee: IGrantable, partitions: readonly Partition[]): Grant {
    return this.grant(grantee, partitions, ['DeleteItem']);
  }

  private grant(
    grantee: IGrantable,
    partitions: readonly Partition[],
    actions: readonly string[],
    attributes?: readonly string[],
  ): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: actions.map((action) => `dynamodb:${action}`),
      resourceArns: [this.table.tableArn],
      conditions: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] },
        // `ForAllValues` holds for a request that has no leading keys at all: without this line such a
        // request (PartiQL without a key, a future operation) would be let through to the whole table.
        Null: {
          'dynamodb:LeadingKeys': 'false',
          ...(attributes ? { 'dynamodb:Attributes': 'false' } : {}),
        },
        ...(attributes ? { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] } } : {}),
      },
    });
  }
}
