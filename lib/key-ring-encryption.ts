import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { AccountRootPrincipal, Grant, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** What the account may do with the key itself: everything but to encrypt and decrypt with it. */
const administration = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListAliases',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

/**
 * Encrypts both key rings under one key of our own, so that every use of it is in CloudTrail and it can be
 * switched off. It can be used through Secrets Manager alone (`kms:ViaService`): a copy of a ciphertext is of
 * no use even to who may decrypt.
 */
export class KeyRingEncryption extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Encrypts the signing key rings in Secrets Manager',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: new PolicyDocument({
        statements: [
          // The default policy gives the account `kms:*`: any role with a wildcard could decrypt directly.
          new PolicyStatement({
            principals: [new AccountRootPrincipal()],
            actions: administration,
            resources: ['*'],
          }),
        ],
      }),
    });
  }

  /** Lets the grantee have Secrets Manager decrypt. */
  grantDecrypt(grantee: IGrantable): Grant {
    return this.grant(grantee, ['kms:Decrypt']);
  }

  /** Lets the grantee have Secrets Manager decrypt and encrypt. */
  grantEncryptDecrypt(grantee: IGrantable): Grant {
    return this.grant(grantee, ['kms:Decrypt', 'kms:GenerateDataKey']);
  }

  private grant(grantee: IGrantable, actions: string[]): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.amazonaws.com` } },
    });
  }
}
