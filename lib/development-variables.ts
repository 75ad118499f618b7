/**
 * Variables that only somebody's own machine sets. `sam local` gives a function no variable that its template
 * does not declare (SAM CLI 1.170, `samcli/local/lambdafn/env_vars.py`), so a template for the dev stage declares
 * them empty, which counts as absent: a plain secret in the place of each ARN, and another address of DynamoDB.
 *
 * @param environment what the function is told anyway
 */
export function developmentVariables(environment: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(environment);
  const secrets = names.filter((name) => name.endsWith('_SECRET_ARN')).map((name) => name.slice(0, -4));
  const engines = names.some((name) => name.endsWith('_TABLE_NAME')) ? ['AWS_ENDPOINT_URL_DYNAMODB'] : [];
  return Object.fromEntries([...secrets, ...engines].map((name) => [name, '']));
}
