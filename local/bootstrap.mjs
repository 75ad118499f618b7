// @ts-check
/**
 * The process of one function: asks the Lambda Runtime API for the next event, calls the handler, answers.
 * Plain JavaScript, and built-in modules fetched without `import`: stripping types and loading Node's fetch
 * through an ESM import would each add 25–30 ms to every cold start.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
const http = process.getBuiltinModule('node:http');
const { existsSync } = process.getBuiltinModule('node:fs');
const { join } = process.getBuiltinModule('node:path');
const { pathToFileURL } = process.getBuiltinModule('node:url');

const [host, port] = (process.env['AWS_LAMBDA_RUNTIME_API'] ?? '').split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/**
 * @param {string} method
 * @param {string} path
 * @param {string} [body]
 * @returns {Promise<{ headers: import('node:http').IncomingHttpHeaders, body: string }>}
 */
function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host,
        port,
        method,
        path: `/2018-06-01/runtime/${path}`,
        agent,
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** @param {unknown} error */
const report = (error) =>
  JSON.stringify(
    error instanceof Error
      ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
      : { errorType: typeof error, errorMessage: String(error), trace: [] },
  );

/** @returns {Promise<(event: unknown, context: object) => unknown>} */
async function loadHandler() {
  const [file = '', name = ''] = (process.env['_HANDLER'] ?? '').split('.');
  const base = join(process.env['LAMBDA_TASK_ROOT'] ?? '', file);
  const found = ['.js', '.mjs', '.cjs'].map((extension) => base + extension).find((path) => existsSync(path));
  if (!found)
    throw Object.assign(new Error(`Cannot find module '${file}'`), { name: 'Runtime.ImportModuleError' });
  const module = await import(pathToFileURL(found).href);
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler === 'function') return handler;
  throw Object.assign(new Error(`${file}.${name} is undefined or not exported`), {
    name: 'Runtime.HandlerNotFound',
  });
}

/** The invocation under way. */
let current = '';

/**
 * An error outside the handler's promise. Reported as one of the process, not of the invocation: the runtime
 * then takes the invocation for ended when this process is gone, and sends it no other.
 *
 * @param {unknown} error
 */
async function crash(error) {
  try {
    await call('POST', 'init/error', report(error));
  } finally {
    process.exit(1);
  }
}
process.on('uncaughtException', crash);
process.on('unhandledRejection', (reason) =>
  crash(
    Object.assign(new Error(reason instanceof Error ? reason.message : String(reason)), {
      name: 'Runtime.UnhandledPromiseRejection',
    }),
  ),
);

// Our end of this pipe closes however the stack ends: no function outlives it.
process.stdin.on('end', () => process.exit(0)).resume();

/** @param {import('node:http').IncomingHttpHeaders} headers */
const contextOf = (headers) => ({
  callbackWaitsForEmptyEventLoop: true,
  awsRequestId: current,
  functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
  functionVersion: '$LATEST',
  invokedFunctionArn: String(headers['lambda-runtime-invoked-function-arn']),
  memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
  logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
  logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
  getRemainingTimeInMillis: () => Math.max(0, Number(headers['lambda-runtime-deadline-ms']) - Date.now()),
});

try {
  const handler = await loadHandler();
  for (;;) {
    current = '';
    const next = await call('GET', 'invocation/next');
    current = String(next.headers['lambda-runtime-aws-request-id']);
    process.env['_X_AMZN_TRACE_ID'] = String(next.headers['lambda-runtime-trace-id'] ?? '');
    try {
      const answer = JSON.stringify(await handler(JSON.parse(next.body), contextOf(next.headers)));
      await call('POST', `invocation/${current}/response`, answer ?? 'null');
    } catch (error) {
      await call('POST', `invocation/${current}/error`, report(error));
    }
  }
} catch (error) {
  await crash(error);
}
