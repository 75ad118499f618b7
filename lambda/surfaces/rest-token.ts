import { Fault } from '../core/fault.ts';
import { accessRequest } from './access-request.ts';
import { readDecisiveHeaders } from './decisive-headers.ts';
import { membersOf, requiredText, textIn } from './event.ts';
import { parseExecuteApiArn } from './execute-api-arn.ts';
import type { IamAnswer } from './iam-answer.ts';
import { iamAnswerOr401 } from './rest.ts';
import type { Surface } from './surface.ts';

/**
 * REST API, TOKEN authorizer: it sees one header and nothing else of the request. So a Bearer credential
 * decides as everywhere, without an `x-tenant-id`; and what depends on the rest (an address list, a cookie's
 * origin) is not known and refused.
 */
export const restToken: Surface<IamAnswer> = {
  name: 'rest-token',
  read(input) {
    const event = membersOf(input);
    if (event['type'] !== 'TOKEN') throw new Fault('event', 'Not an authorizer event of type TOKEN');
    const headers = { authorization: textIn(event, 'authorizationToken') ?? '' };
    return accessRequest({
      ...parseExecuteApiArn(requiredText(event, 'methodArn')),
      ...readDecisiveHeaders(headers, undefined),
      surface: 'rest-token',
      id: undefined,
      resource: undefined,
      sourceAddress: undefined,
    });
  },
  render: iamAnswerOr401,
};
