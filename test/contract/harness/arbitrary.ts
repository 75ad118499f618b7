import * as fc from 'fast-check';

/** What a header may hold on the wire (RFC 9110 §5.5), with the bytes that parsers stumble over. */
const value = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...Array.from(' \t!"#$%&\'*+,-./0:;<=>?@A[\\]^_`a{|}~\u0080\u00a0\u00ff')),
    maxLength: 60,
  }),
  fc.stringMatching(/^[\x20-\x7e]{0,200}$/),
);
export const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS');
const segment = fc.oneof(
  fc.constantFrom(
    'v1',
    'whoami',
    'records',
    'contact',
    'extensions',
    'token',
    'installation',
    'api',
    'auth',
    'actions',
    'execute',
  ),
  fc.constantFrom(
    '',
    '.',
    '..',
    '*',
    '$',
    '%',
    '%2f',
    '%00',
    '%2e%2e',
    '{entity}',
    '{proxy+}',
    'constructor',
    '__proto__',
  ),
  fc
    .stringMatching(/^[!-~]{1,20}$/)
    .map((text) => text.replaceAll('/', '').replaceAll('?', '').replaceAll('#', '')),
);
const anyPath = fc
  .tuple(fc.array(segment, { maxLength: 6 }), fc.option(fc.webQueryParameters()))
  .map(([segments, query]) => `/${segments.join('/')}${query === null ? '' : `?${query}`}`);
const listed = fc.constantFrom(
  '/v1/whoami',
  '/v1/records/contact',
  '/v1/extensions/a/installation',
  '/v1/extensions/a/token',
  '/api/actions/execute',
  '/api/auth/get-session',
  '/api/auth/sign-in/email',
  '/api/auth/organization/create',
  '/api/auth/api-key/create',
);
export const path = fc.oneof(anyPath, listed);
const name = fc.constantFrom(
  'x-api-key',
  'Authorization',
  'Cookie',
  'Origin',
  'x-tenant-id',
  'Sec-Fetch-Site',
  'Content-Type',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'Accept',
  'constructor',
  '__proto__',
);
export const headers = fc.array(fc.tuple(name, value), { maxLength: 6 });
export const body = fc.oneof(fc.constant(''), fc.json({ maxDepth: 4 }), fc.string({ maxLength: 200 }));
