import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import { parseExecuteApiArn } from './execute-api-arn.ts';
import type { IamAnswer } from './iam-answer.ts';
import { accessRequest } from './request-event.ts';
import { iamAnswerOr401 } from './rest.ts';
import type { Surface } from './surface.ts';

const event = v.object({
  type: v.literal('TOKEN'),
  methodArn: v.string(),
  authorizationToken: v.nullish(v.string()),
});

/**
 * REST API, TOKEN authorizer: it sees one header and nothing else of the request. So a Bearer credential
 * decides as everywhere, without an `x-tenant-id`; and what depends on the rest (an address list, a cookie's
 * origin) is not known and refused.
 */
export const restToken: Surface<IamAnswer> = {
  name: 'rest-token',
  read(input) {
    const parsed = v.safeParse(event, input);
    if (!parsed.success) throw new Fault('event', 'Not an authorizer event of type TOKEN');
    const { methodArn, authorizationToken } = parsed.output;
    const headers = new Map([['authorization', [authorizationToken ?? '']]]);
    return accessRequest({
      ...parseExecuteApiArn(methodArn),
      surface: 'rest-token',
      id: undefined,
      resource: undefined,
      sourceAddress: undefined,
      headers,
    });
  },
  render: iamAnswerOr401,
};
