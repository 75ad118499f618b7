import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Fault } from '../core/fault.ts';
import { clientSettings, slim, type ClientLimits } from '../runtime/aws-client.ts';
import type { Breaker } from '../runtime/breaker.ts';
import type { SecretLocation } from '../runtime/config.ts';
import { sdkEnvironment } from '../runtime/sdk-environment.ts';
import type { FetchSecret } from './secret-source.ts';

/** Region, endpoint and credentials come from the SDK's own environment variables. */
export const secretsClient = (limits?: ClientLimits): SecretsManagerClient =>
  slim(new SecretsManagerClient({ ...clientSettings(limits), ...sdkEnvironment('SECRETS_MANAGER') }));

/** Fetches the AWSCURRENT version of a secret, or hands out the plain value of a development machine. */
export function fetchSecret(
  client: () => SecretsManagerClient,
  location: SecretLocation,
  guard: Breaker,
): FetchSecret {
  if ('plain' in location) {
    const { plain } = location;
    return async () => ({ value: plain, versionId: 'environment' });
  }
  const { arn } = location;
  return () =>
    guard(async () => {
      const { SecretString: value, VersionId: versionId } = await client().send(
        new GetSecretValueCommand({ SecretId: arn }),
      );
      if (value === undefined || versionId === undefined)
        throw new Fault('secret', 'The secret has no text value');
      return { value, versionId };
    });
}
