import { randomBytes } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import Table from 'cli-table3';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { denialDescription, denials } from '../lambda/core/denial.ts';
import type { DenialReason } from '../lambda/core/denial.ts';
import { parseKeyRing } from '../lambda/secrets/key-ring.ts';
import type { Decisions } from './decisions.ts';
import type { Demo } from './demo.ts';
import type { StackDescription } from './description.ts';
import type { JsonObject } from './json.ts';
import { samplesFor } from './samples.ts';
import { sendSample } from './send-sample.ts';
import { StackError } from './stack-error.ts';

/** Milliseconds a function's log line may take to arrive after its answer. */
const PATIENCE = 2000;

const names = { rest: 'REST', http: 'HTTP', websocket: 'WS' } as const;

/** Sends the sample requests to the running stack and shows what it really answered. */
export async function showSamples(
  stack: StackDescription,
  demo: Demo,
  decisions: Decisions,
): Promise<string> {
  const expired = await expiredToken(stack, demo.extensionToken);
  const table = new Table({
    head: ['API', 'request', 'credential', 'status', 'decision', 'why'],
    colWidths: [6, 27, 32, 8, 10, 46],
    wordWrap: true,
    // Lines, not colours: the table is also read in logs.
    style: { head: [], border: [] },
  });
  for (const sample of samplesFor(demo, expired).filter(({ api }) => stack[api] !== undefined)) {
    const { api, title, method, path, expected } = sample;
    const answer = await sendSample(stack, sample);
    const decision = answer.status === 404 ? undefined : await decisions.of(answer.requestId, PATIENCE);
    const status = answer.status === expected ? String(expected) : `${answer.status}, not ${expected}`;
    const effect = textOf(decision?.['effect']) ?? 'none';
    table.push([names[api], `${method} ${path}`, title, status, effect, why(decision)]);
  }
  return table.toString();
}

/** Lines to be pasted into a terminal, one for each kind of credential. */
export function curlLines({ rest }: StackDescription, demo: Demo): string {
  const action = JSON.stringify({ action: 'find_many', input: { entity: 'contact' } });
  return [
    `curl -H 'x-api-key: ${demo.apiKey}' ${rest}/v1/records/contact`,
    // The session's own cookie is enough; the other one is only its cache.
    `curl -H 'Cookie: ${demo.cookie.split('; ')[0]}' ${rest}/v1/whoami`,
    `curl -H 'Authorization: Bearer ${demo.extensionToken}' -H 'Content-Type: application/json' -d '${action}' ${rest}/api/actions/execute`,
  ].join('\n');
}

function why(decision: JsonObject | undefined): string {
  if (!decision) return 'no method serves it, so nobody was asked';
  const reason = decision['reason'];
  if (isReason(reason)) return `${reason}: ${denialDescription(reason)}`;
  return `${textOf(decision['credentialKind'])} of ${textOf(decision['principalId'])}`;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const isReason = (reason: unknown): reason is DenialReason =>
  typeof reason === 'string' && Object.hasOwn(denials, reason);

/** The same token, issued an hour ago: everything about it is right except the time. */
export async function expiredToken(stack: StackDescription, token: string): Promise<string> {
  const client = new SecretsManagerClient({
    endpoint: stack.secretsManager,
    region: stack.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    const { SecretString = '', VersionId = '' } = await client.send(
      new GetSecretValueCommand({ SecretId: stack.secrets.extensionToken }),
    );
    const { kid } = decodeProtectedHeader(token);
    const key = parseKeyRing(SecretString, VersionId)?.keys.find((each) => each.kid === kid);
    if (!key || kid === undefined)
      throw new StackError('the extension token was not signed with the ring of this stack');
    const issued = Math.floor(Date.now() / 1000) - 3600;
    const claims = {
      ...decodeJwt(token),
      iat: issued,
      exp: issued + 300,
      jti: randomBytes(18).toString('base64url'),
    };
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'ext+jwt', kid })
      .sign(new TextEncoder().encode(key.k));
  } finally {
    client.destroy();
  }
}
