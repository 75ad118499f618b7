import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import type { Demo } from './demo.ts';
import { call } from './http-client.ts';
import type { Answer } from './http-client.ts';
import { parseJson } from './json.ts';
import { readBody, sendJson } from './loopback.ts';
import type { LocalStack } from './stack.ts';

const Trial = v.object({
  method: v.picklist(['GET', 'POST', 'PUT', 'DELETE']),
  path: v.pipe(v.string(), v.startsWith('/')),
  credential: v.picklist(['none', 'api_key', 'session', 'extension_token']),
  organization: v.string(),
  origin: v.string(),
  body: v.string(),
});
type Trial = v.InferOutput<typeof Trial>;

/**
 * Sends one request to the REST API with a credential of the demo and tells the page the whole answer. The
 * page could not do that itself: refusals are readable by the pages of the CRM's own origin only.
 */
export async function tryRequest(
  stack: LocalStack,
  demo: Demo | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, 100_000);
  const trial = v.safeParse(Trial, parseJson(body?.toString('utf8') ?? ''));
  const url = trial.success ? URL.parse(trial.output.path, stack.urls.rest) : null;
  // `//elsewhere/` would lead the demo's credentials out of here.
  if (!trial.success || url?.origin !== stack.urls.rest) {
    return sendJson(response, 400, { message: 'No request that could be sent.' });
  }
  const { method, body: text } = trial.output;
  const headers = { ...credentialHeaders(trial.output, demo), ...optionalHeaders(trial.output) };
  const answer = await call(url.href, method, { headers, ...(text !== '' && method !== 'GET' && { text }) });
  return sendJson(response, 200, { status: answer.status, text: answer.text });
}

/** A fresh token for the example extension, minted with the demo user's session. */
export async function mintToken(
  { urls }: LocalStack,
  demo: Demo | undefined,
): Promise<{ readonly status: number; readonly answer: unknown }> {
  if (!demo) return { status: 404, answer: null };
  const url = `${urls.rest}/v1/extensions/${demo.extensionId}/token`;
  const { status, body }: Answer = await call(url, 'POST', {
    headers: { Cookie: demo.cookie, Origin: demo.origin },
    json: { ttlSeconds: 300 },
  });
  return { status, answer: body };
}

function credentialHeaders({ credential }: Trial, demo: Demo | undefined): Record<string, string> {
  if (!demo) return {};
  switch (credential) {
    case 'none':
      return {};
    case 'api_key':
      return { 'x-api-key': demo.apiKey };
    case 'session':
      return { Cookie: demo.cookie };
    case 'extension_token':
      return { Authorization: `Bearer ${demo.extensionToken}` };
    default:
      return credential satisfies never;
  }
}

const optionalHeaders = ({ organization, origin }: Trial): Record<string, string> => ({
  ...(organization !== '' && { 'x-tenant-id': organization }),
  ...(origin !== '' && { Origin: origin }),
});
