import { APIError } from '@better-auth/core/error';

/** A value DynamoDB has no way to keep or to look for, as it came: 400. It is not said. */
export function notStorable(): APIError {
  return new APIError('BAD_REQUEST', {
    code: 'VALUE_NOT_STORABLE',
    message: 'Text must be well-formed Unicode, and a number 0 or between 1e-130 and 1e126 in size',
  });
}
