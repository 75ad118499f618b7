import { Agent, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { member } from '../../contract/harness/http.ts';
import type { AuthorizerProcess } from './authorizer-process.ts';
import type { Credential, Kind } from './credentials.ts';
import type { Place } from './place.ts';
import { tally, type Tally } from './tally.ts';

export interface Load {
  readonly tally: Tally;
  /** Requests answered in a second, over all of the time so far. */
  readonly perSecond: () => number;
  /** Ends it, and waits for what is under way. */
  readonly stop: () => Promise<void>;
}

const kinds: readonly Kind[] = ['session', 'api_key', 'extension_token'];

/** Most requests under way: a stack that is too slow shows as a rate that is not reached, not as a pile. */
const mostAtOnce = 48;

/**
 * A steady stream of requests with valid credentials of every kind: to both APIs of the stack, where whichever
 * process is free decides, and to each process beside it. Meanwhile people sign in and tokens are minted, all the
 * time, so that every key that signs has signed something.
 *
 * @param signing false: nobody signs in and no token is minted meanwhile
 */
export function startLoad(place: Place, perSecond: number, { signing = true } = {}): Load {
  const { stack, credentials, cold, cutOff } = place;
  const counted = tally(place.machine);
  const agent = new Agent({ keepAlive: true, maxSockets: mostAtOnce });
  const underWay = new Set<Promise<void>>();
  const begun = performance.now();
  const over = new AbortController();
  let turn = 0;

  const track = (work: Promise<void>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  const timed = async (
    where: string,
    kid: string,
    ask: () => Promise<{ status: number; reason?: string }>,
  ): Promise<void> => {
    const sent = performance.now();
    const { status, reason } = await ask().catch((cause: unknown) => ({ status: 0, reason: String(cause) }));
    counted.record(where, kid, status, performance.now() - sent, reason);
  };

  const throughApi = async (base: string, { headers }: Credential) => {
    const { status, id } = await get(`${base}/v1/whoami`, headers, agent);
    if (status < 300) return { status };
    const decision = await stack.decisions.of(id, 2000);
    const what = ['reason', 'effect', 'durationMs'].map((name) => member(decision, name));
    return { status, reason: JSON.stringify(what) };
  };
  const beside = [
    ['process that starts cold', cold],
    ['process cut off', cutOff],
  ] as const satisfies readonly (readonly [string, AuthorizerProcess])[];
  const apis = [
    ['REST API', stack.urls.rest],
    ['HTTP API', stack.urls.http ?? ''],
  ] as const;

  /** Of seven requests one goes to a process beside the stack, the others through its APIs. */
  const send = (): void => {
    turn += 1;
    const kind = kinds[turn % kinds.length] ?? 'session';
    const credential = credentials.next(kind);
    if (!credential) return;
    if (turn % 7 === 0) {
      const [where, process] = beside[(turn / 7) % 2] ?? beside[0];
      track(timed(`${where}, ${kind}`, credential.kid, () => process.ask(credential)));
    } else {
      const [where, base] = apis[Math.floor(turn / kinds.length) % 2] ?? apis[0];
      track(timed(`${where}, ${kind}`, credential.kid, () => throughApi(base, credential)));
    }
  };
  let sent = 0;
  const pace = setInterval(() => {
    const due = ((performance.now() - begun) / 1000) * perSecond;
    for (; sent < due; sent += 1) if (underWay.size < mostAtOnce) send();
  }, 20);

  const signer = async (
    where: string,
    sign: () => Promise<{ status: number }>,
    interval: number,
  ): Promise<void> => {
    while (!over.signal.aborted) {
      await timed(where, 'the one that signs', sign);
      await setTimeout(interval);
    }
  };
  const signers = signing
    ? [signer('sign-in', credentials.signIn, 1000), signer('token minted', credentials.mint, 500)]
    : [];

  return {
    tally: counted,
    perSecond: () => (counted.sent() / (performance.now() - begun)) * 1000,
    async stop() {
      over.abort();
      clearInterval(pace);
      await Promise.all([...signers, ...underWay]);
      agent.destroy();
    },
  };
}

const get = (
  url: string,
  headers: Credential['headers'],
  agent: Agent,
): Promise<{ readonly status: number; readonly id: string }> =>
  new Promise((resolve, reject) => {
    request(url, { headers, agent }, (response) => {
      const id = response.headers['x-amzn-requestid'] ?? response.headers['apigw-requestid'];
      response.resume().once('end', () => resolve({ status: response.statusCode ?? 0, id: String(id) }));
    })
      .once('error', reject)
      .end();
  });
