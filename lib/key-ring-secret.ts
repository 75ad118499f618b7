import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { StageConfig } from './stage.ts';

export interface KeyRingSecretProps {
  readonly stage: StageConfig;
  readonly description: string;
}

/**
 * A secret that holds a signing key ring. It is born as plain text, which readers take for a ring of one;
 * the first rotation turns it into a ring. Nothing here changes for that, so the secret is never replaced.
 */
export class KeyRingSecret extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string, props: KeyRingSecretProps) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      description: props.description,
      // 64 characters of 62 kinds: 381 bits, more than the 256 an HMAC-SHA256 key can use (RFC 2104, 3).
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: props.stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions::AwsSolutions-SMG4',
      reason:
        'Replacing a signing key at once would reject every valid token and log every user out. The ring is ' +
        'rotated by appending a key, by the function made for it; a schedule is attached with that function.',
    });
  }

  /** Lets the grantee read the ring, and nothing else of the secret. */
  grantRead(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [this.secret.secretArn],
    });
  }
}
