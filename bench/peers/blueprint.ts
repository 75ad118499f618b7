import type { Event } from '../world/event.ts';

/** A token's claims, or a rejection. */
export type Verify = (token: string) => unknown;

/**
 * A handler as AWS's blueprint for Lambda authorizers has it (awslabs/aws-apigateway-lambda-authorizer-blueprints):
 * takes the Bearer token, verifies it, and allows everything on this API and stage. No organization, no scopes.
 */
export function blueprint(verify: Verify): (event: Event) => unknown {
  return (event) => {
    const token = /^Bearer (\S+)$/.exec(event.headers['Authorization'] ?? '')?.[1];
    if (token === undefined) throw new Error('Unauthorized');
    const claims = verify(token);
    return claims instanceof Promise
      ? claims.then((settled) => answer(event, settled))
      : answer(event, claims);
  };
}

function answer(event: Event, claims: unknown) {
  const { sub, orgId, jti, exp, scopes } = Object(claims);
  if (typeof sub !== 'string') throw new Error('Unauthorized');
  const [arn, stage] = event.methodArn.split('/');
  return {
    principalId: `user:${sub}`,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: [`${arn}/${stage}/*`] }],
    },
    context: {
      userId: sub,
      organizationId: orgId,
      credentialId: jti,
      expiresAt: exp,
      scopes: scopes.join(' '),
    },
  };
}
