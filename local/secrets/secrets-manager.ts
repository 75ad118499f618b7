import { randomUUID } from 'node:crypto';
import { parseJson } from '../json.ts';
import { readBody } from '../loopback.ts';
import type { Handler } from '../loopback.ts';
import { operations } from './operations.ts';
import type { RotateOptions } from './rotation.ts';
import { SecretError } from './secret-error.ts';

/** More than any request may hold: a value is 64 KB at most. */
const BODY_LIMIT = 1024 * 1024;

/**
 * Secrets Manager's protocol, AWS JSON 1.1: `X-Amz-Target: secretsmanager.<Operation>`. Signatures are not
 * checked: whoever reaches this port is on this machine and can read the file itself.
 */
export const secretsManager =
  (options: RotateOptions): Handler =>
  async (request, response) => {
    const target = String(request.headers['x-amz-target'] ?? '').replace(/^secretsmanager\./, '');
    const body = await readBody(request, BODY_LIMIT);
    const answer = (status: number, value: object): void => {
      response
        .writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': randomUUID() })
        .end(JSON.stringify(value));
    };
    const operation = Object.hasOwn(operations, target) ? operations[target] : undefined;
    if (!operation) {
      return answer(400, {
        __type: 'UnknownOperationException',
        message: `The local stack does not serve ${target}.`,
      });
    }
    try {
      return answer(200, operation(parseJson(body?.toString('utf8') ?? ''), options));
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      return answer(400, { __type: error.code, message: error.message });
    }
  };
