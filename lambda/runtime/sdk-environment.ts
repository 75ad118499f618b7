/**
 * What the SDK would look for in the environment and then in profile files, for each client and one after the other while
 * the first request waits. A function has no such files, so it is told what the environment says.
 *
 * @param service as in the SDK's own `AWS_ENDPOINT_URL_<SERVICE>`
 */
export function sdkEnvironment(service: 'DYNAMODB' | 'SECRETS_MANAGER') {
  const { env } = process;
  const isIgnored = env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
  const endpoint = isIgnored ? undefined : (env[`AWS_ENDPOINT_URL_${service}`] ?? env['AWS_ENDPOINT_URL']);
  const region = env['AWS_REGION'];
  return {
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : { ignoreConfiguredEndpointUrls: true }),
    useFipsEndpoint: env['AWS_USE_FIPS_ENDPOINT'] === 'true',
    useDualstackEndpoint: env['AWS_USE_DUALSTACK_ENDPOINT'] === 'true',
    // Nothing to prefer: both services know SigV4 alone.
    authSchemePreference: [],
    disableClockSkewCorrection: false,
  };
}
