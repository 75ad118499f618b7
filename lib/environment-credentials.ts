/**
 * Stands in the bundles for the SDK's chain of credential providers. Lambda hands a function the credentials of
 * its role through the environment; the rest of the chain (profiles, SSO, `credential_process`, metadata
 * services) finds nothing there, is a third of a bundle, and would only be a way to run on someone else's rights.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
