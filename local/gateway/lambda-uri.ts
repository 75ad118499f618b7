import { StackError } from '../stack-error.ts';

/** The function's own ARN, or the one by which API Gateway calls it with that ARN inside. */
const pattern = /:function:([^:/]+)(?::[^/]+)?(?:\/invocations)?$/;

/**
 * The name of the function that an integration or authorizer calls: `…:function:NAME`, also with a qualifier
 * and inside `arn:…:lambda:path/2015-03-31/functions/…/invocations`.
 *
 * @throws {StackError} when it is something else than a Lambda function
 */
export function functionOf(uri: string): string {
  const name = pattern.exec(uri)?.[1];
  if (name === undefined)
    throw new StackError(`the local gateway cannot call ${uri}: it calls Lambda functions only`);
  return name;
}
