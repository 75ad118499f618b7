import { randomBytes } from 'node:crypto';
import { authorizerProcess } from './authorizer-process.ts';
import type { Credential } from './credentials.ts';
import type { Place } from './place.ts';
import { quantile } from './tally.ts';

export interface UnknownKids {
  /** Tokens with a `kid` that no key has. */
  readonly sent: number;
  /** Requests to Secrets Manager that they caused, and the most that there may be. */
  readonly refreshes: number;
  readonly allowed: number;
  /** Milliseconds of valid requests: median, 95th percentile. */
  readonly alone: readonly [number, number];
  readonly among: readonly [number, number];
  readonly rejected: number;
}

const rounds = 20;
const inRound = 50;

/**
 * Sends 1,000 tokens with random `kid`s to one process under production's bounds, by turns with as many rounds
 * without them, and times the valid requests of both.
 */
export async function sendUnknownKids({ stack, gate, credentials }: Place): Promise<UnknownKids> {
  const valid = credentials.all('extension_token').at(-1);
  if (!valid) throw new Error('there is no token');
  const process = authorizerProcess(stack, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: gate.endpoint,
    KEY_RING_TTL_SECONDS: '300',
    KEY_RING_STALE_SECONDS: '3600',
    KEY_RING_PUBLISH_SECONDS: '4200',
  });
  let rejected = 0;
  const ask = async (): Promise<number> => {
    const sent = performance.now();
    if ((await process.ask(valid)).status !== 200) rejected += 1;
    return performance.now() - sent;
  };
  try {
    for (let warm = 0; warm < 100; warm += 1) await ask();
    const [alone, among]: [number[], number[]] = [[], []];
    const before = gate.passed();
    const begun = performance.now();
    for (let round = 0; round < rounds; round += 1) {
      for (let each = 0; each < inRound; each += 1) alone.push(await ask());
      for (let each = 0; each < inRound; each += 1) {
        if ((await process.ask(renamed(valid))).status !== 401) rejected += 1;
        among.push(await ask());
      }
    }
    const intervals = Math.floor((performance.now() - begun) / 10_000);
    return {
      sent: rounds * inRound,
      refreshes: gate.passed() - before,
      allowed: intervals + 1,
      alone: [quantile(alone, 0.5), quantile(alone, 0.95)],
      among: [quantile(among, 0.5), quantile(among, 0.95)],
      rejected,
    };
  } finally {
    await process.stop();
  }
}

/** The same token under another name, so that only the name is wrong. */
function renamed({ headers, ...others }: Credential): Credential {
  const [, token = ''] = headers['authorization']?.split(' ') ?? [];
  const [, payload, signature] = token.split('.');
  const kid = randomBytes(12).toString('base64url');
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'ext+jwt', kid })).toString('base64url');
  return { ...others, headers: { authorization: `Bearer ${header}.${payload}.${signature}` } };
}
