import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';

let stack: LocalStack;
let client: LambdaClient;
beforeAll(async () => {
  process.env['SECRET_OF_THE_DEVELOPER'] = 'never to be seen by a function';
  stack = await startFixture({ concurrency: 2, functions: { FACTS_TTL_SECONDS: '7', TABLE: 'overridden' } });
  client = new LambdaClient({
    endpoint: stack.urls.lambda,
    region: stack.urls.region,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await stack.stop();
});

const invoke = async (name: string, event: object, more: object = {}) => {
  const { Payload, FunctionError, StatusCode } = await client.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), ...more }),
  );
  const text = Payload?.transformToString() ?? '';
  const payload: unknown = text === '' ? undefined : JSON.parse(text);
  return { payload, error: FunctionError, status: StatusCode };
};
const endpoint = (event: object, more: object = {}) => invoke('Fixture-Endpoint', event, more);
const Waited = v.object({ pid: v.number(), remaining: v.number(), id: v.pipe(v.string(), v.uuid()) });

describe('Invoke through the AWS SDK', () => {
  test('returns what the handler returns', async () => {
    const { payload, error } = await endpoint({ any: 'event' });
    expect(payload).toEqual({ statusCode: 200, body: '{"any":"event"}' });
    expect(error).toBeUndefined();
  });

  test('a handler that throws is status 200 with its error, marked Unhandled', async () => {
    expect(await endpoint({ do: 'throw' })).toEqual({
      status: 200,
      error: 'Unhandled',
      payload: { errorType: 'TypeError', errorMessage: 'this endpoint is broken', trace: expect.any(Array) },
    });
  });

  test('takes a function by name and by ARN, and knows no others', async () => {
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:Fixture-Endpoint';
    expect((await invoke(arn, {})).error).toBeUndefined();
    await expect(invoke('Fixture-Nothing', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('a dry run and an asynchronous event are answered without a result', async () => {
    expect((await endpoint({}, { InvocationType: 'DryRun' })).status).toBe(204);
    expect((await endpoint({}, { InvocationType: 'Event' })).status).toBe(202);
  });

  test('an event that is not JSON is refused', async () => {
    const send = client.send(new InvokeCommand({ FunctionName: 'Fixture-Endpoint', Payload: '{' }));
    await expect(send).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
  });
});

describe('a function', () => {
  test('sees the template, the overrides and what Lambda sets, and nothing of the developer', async () => {
    const { payload } = await endpoint({ do: 'environment' });
    const { body } = v.parse(v.object({ body: v.string() }), payload);
    const environment = v.parse(v.record(v.string(), v.string()), JSON.parse(body));
    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL_DYNAMODB: stack.urls.dynamodb,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: stack.urls.secretsManager,
      AWS_LAMBDA_FUNCTION_NAME: 'Fixture-Endpoint',
      AWS_REGION: 'us-east-1',
      FACTS_TTL_SECONDS: '7',
      SECRET: stack.urls.secrets.extensionToken,
      TABLE: 'overridden',
    });
    expect(environment).not.toHaveProperty('SECRET_OF_THE_DEVELOPER');
    expect(environment).not.toHaveProperty('HOME');
    expect(environment).not.toHaveProperty('PATH');
  });

  test('over its time limit is ended, and the next invocation has a fresh process', async () => {
    const before = stack.runtime.processes('Fixture-Endpoint');
    for (const busy of ['hang', 'spin']) {
      const { payload, error } = await endpoint({ do: busy });
      expect(error).toBe('Unhandled');
      expect(payload).toMatchObject({
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/Task timed out after 1.00 seconds$/),
      });
    }
    expect((await endpoint({})).error).toBeUndefined();
    expect(stack.runtime.processes('Fixture-Endpoint')).not.toEqual(before);
  });

  test('whose process is killed at work gives one error, then starts afresh', async () => {
    const { payload } = await endpoint({ do: 'wait', milliseconds: 0 });
    const { pid } = v.parse(Waited, payload);
    // The most recently used process takes the next event, also while it is dying.
    process.kill(pid, 'SIGSTOP');
    const doomed = endpoint({ do: 'hang' });
    process.kill(pid, 'SIGKILL');
    expect(await doomed).toMatchObject({ error: 'Unhandled', payload: { errorType: 'Runtime.ExitError' } });
    expect((await endpoint({})).error).toBeUndefined();
    expect(stack.runtime.processes('Fixture-Endpoint')).not.toContain(pid);
  });

  test.each([
    ['exit', 'Runtime.ExitError'],
    ['reject', 'Runtime.UnhandledPromiseRejection'],
  ])('that ends by %s is an error of that invocation only', async (how, errorType) => {
    expect(await endpoint({ do: how })).toMatchObject({ error: 'Unhandled', payload: { errorType } });
    expect((await endpoint({})).error).toBeUndefined();
  });

  test('that cannot be loaded says why, every time', async () => {
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await invoke('Fixture-Broken', {})).toMatchObject({
        error: 'Unhandled',
        payload: { errorType: 'RangeError', errorMessage: 'this module cannot be loaded' },
      });
    }
  });

  test('runs in as many processes as it may and no more; the others wait their turn', async () => {
    const results = await Promise.all(
      Array.from({ length: 6 }, () => endpoint({ do: 'wait', milliseconds: 50 })),
    );
    const answers = results.map(({ payload }) => v.parse(Waited, payload));
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(6);
    expect(answers.every(({ remaining }) => remaining > 0 && remaining <= 1000)).toBe(true);
  });

  test('that is called one at a time stays with the process it used last', async () => {
    const pids = new Set<number>();
    for (let turn = 0; turn < 5; turn += 1) {
      const { payload } = await endpoint({ do: 'wait', milliseconds: 0 });
      pids.add(v.parse(Waited, payload).pid);
    }
    expect(pids.size).toBe(1);
  });
});

test('stopping the stack ends every process it started', async () => {
  const own = await startFixture();
  await own.runtime.invoke('Fixture-Endpoint', '{}');
  const [pid] = own.runtime.processes('Fixture-Endpoint');
  expect(pid).toBeDefined();
  await own.stop();
  expect(() => process.kill(pid ?? 0, 0)).toThrow();
});
