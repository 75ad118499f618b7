import { Fault } from '../core/fault.ts';

type Service = 'DYNAMODB' | 'SECRETS_MANAGER' | 'APIGATEWAYMANAGEMENTAPI';

/**
 * What the SDK would look for in the environment and then in profile files, for each client and one after the other while
 * the first request waits. A function has no such files, so it is told what the environment says. A variable that is
 * declared but empty, as in a template for the dev stage, is absent.
 *
 * @param service as in the SDK's own `AWS_ENDPOINT_URL_<SERVICE>`
 * @throws {Fault} `configuration`, naming a variable that is neither `true` nor `false`: who asked for FIPS in another
 *   spelling must not be served without
 */
export function sdkEnvironment(service: Service) {
  const value = (name: string): string | undefined => process.env[name] || undefined;
  const isSet = (name: string): boolean => {
    const given = value(name) ?? 'false';
    if (given !== 'true' && given !== 'false')
      throw new Fault('configuration', `${name} must be true or false`);
    return given === 'true';
  };
  const region = value('AWS_REGION');
  const endpoint = isSet('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS')
    ? undefined
    : (value(`AWS_ENDPOINT_URL_${service}`) ?? value('AWS_ENDPOINT_URL'));
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? { ignoreConfiguredEndpointUrls: true } : { endpoint }),
    useFipsEndpoint: isSet('AWS_USE_FIPS_ENDPOINT'),
    useDualstackEndpoint: isSet('AWS_USE_DUALSTACK_ENDPOINT'),
    // Nothing to prefer: these services know SigV4 alone.
    authSchemePreference: [],
    disableClockSkewCorrection: false,
  };
}
