import { Agent, request } from 'node:http';

export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Requests under way at any time: each is followed by the next as soon as it is answered. */
  readonly concurrency: number;
  /** Milliseconds. */
  readonly duration: number;
}

export interface Measured {
  /** Milliseconds of each request, in the order of the answers. */
  readonly latencies: readonly number[];
  readonly perSecond: number;
}

/** @throws when an answer is not 200: a refusal or a fault is answered sooner */
export async function drive({ url, headers, concurrency, duration }: Load): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const latencies: number[] = [];
  const begun = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - begun < duration) {
      const sent = performance.now();
      const status = await get(url, headers, agent);
      if (status !== 200) throw new Error(`The gateway answered ${status}.`);
      latencies.push(performance.now() - sent);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, client));
  } finally {
    agent.destroy();
  }
  return { latencies, perSecond: (latencies.length / (performance.now() - begun)) * 1000 };
}

const get = (url: string, headers: Load['headers'], agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    request(url, { headers, agent }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });
