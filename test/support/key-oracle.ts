import { apiKey } from '@better-auth/api-key';
import { memoryAdapter } from '@better-auth/memory-adapter';
import { jest } from '@jest/globals';
import { betterAuth } from 'better-auth';

/** The columns of a key that limit it, as Better Auth names them. */
export interface Limits {
  readonly enabled: boolean;
  readonly expiresAt: Date | null;
  readonly remaining: number | null;
  readonly refillAmount: number | null;
  readonly refillInterval: number | null;
  readonly rateLimitEnabled: boolean;
  readonly rateLimitMax: number | null;
  readonly rateLimitTimeWindow: number | null;
}

type Row = Record<string, unknown>;

/** Only `Date` stands still: whatever waits for a timer must go on. */
const others = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

/** Better Auth's own verification of one key after the other, at moments a test chooses. */
export function keyOracle() {
  const database: Record<string, Row[]> = {
    user: [],
    session: [],
    account: [],
    verification: [],
    apikey: [],
  };
  const auth = betterAuth({
    secret: 'a-secret-for-better-auth-as-an-oracle-00',
    baseURL: 'https://oracle.test',
    database: memoryAdapter(database),
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: [apiKey({ rateLimit: { enabled: true } })],
  });
  return {
    /**
     * What it says of each use, and the row as the uses left it (undefined: it deleted it).
     *
     * @param moments epoch milliseconds, rising
     */
    async verify(limits: Limits, createdAt: number, moments: readonly number[]) {
      jest.useFakeTimers({ now: createdAt, doNotFake: [...others] });
      try {
        database['apikey']?.splice(0);
        const { key } = await auth.api.createApiKey({ body: { userId: 'oracle' } });
        Object.assign(database['apikey']?.[0] ?? {}, limits);
        const verdicts: string[] = [];
        for (const moment of moments) {
          jest.setSystemTime(moment);
          const { valid, error } = await auth.api.verifyApiKey({ body: { key } });
          verdicts.push(valid ? 'allow' : String(error?.code));
        }
        const [row] = database['apikey'] ?? [];
        return { verdicts, row: row && { ...row } };
      } finally {
        jest.useRealTimers();
      }
    },
  };
}
