import { RemovalPolicy } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { KeyRingEncryption } from './key-ring-encryption.ts';
import type { StageConfig } from './stage.ts';

export interface KeyRingSecretProps {
  readonly stage: StageConfig;
  readonly description: string;
  /** @default the account's own key for Secrets Manager */
  readonly encryption?: KeyRingEncryption;
}

/**
 * A secret that holds a signing key ring. It is born as plain text, which readers take for a ring of one;
 * the first rotation turns it into a ring. Nothing here changes for that, so the secret is never replaced.
 */
export class KeyRingSecret extends Construct {
  readonly secret: Secret;
  private readonly encryption: KeyRingEncryption | undefined;

  constructor(scope: Construct, id: string, props: KeyRingSecretProps) {
    super(scope, id);
    this.encryption = props.encryption;
    this.secret = new Secret(this, 'Secret', {
      description: props.description,
      // 64 characters of 62 kinds: 381 bits, more than the 256 an HMAC-SHA256 key can use (RFC 2104, 3).
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      ...(props.encryption === undefined ? {} : { encryptionKey: props.encryption.key }),
      removalPolicy: props.stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  /** Lets the grantee read the ring, and nothing else of the secret. */
  grantRead(grantee: IGrantable): Grant {
    this.encryption?.grantDecrypt(grantee);
    return this.grant(grantee, ['GetSecretValue']);
  }

  /** Lets the grantee make a new version of the ring, and make it the current one. */
  grantRotate(grantee: IGrantable): Grant {
    this.encryption?.grantEncryptDecrypt(grantee);
    return this.grant(grantee, [
      'DescribeSecret',
      'GetSecretValue',
      'PutSecretValue',
      'UpdateSecretVersionStage',
    ]);
  }

  private grant(grantee: IGrantable, actions: readonly string[]): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: actions.map((action) => `secretsmanager:${action}`),
      resourceArns: [this.secret.secretArn],
    });
  }
}
