import type { AccessRequest, Cookie } from '../../lambda/core/model.ts';

export const api = 'arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod';

/** A request as a surface hands it to the decision; what is not given is absent. */
export const accessRequest = (
  given: Partial<Omit<AccessRequest, 'headers' | 'cookies'>> & {
    readonly headers?: Readonly<Record<string, string | readonly string[]>>;
    readonly cookies?: readonly (readonly [name: string, value: string])[];
  } = {},
): AccessRequest => ({
  id: 'request',
  surface: 'test',
  method: 'GET',
  path: '/v1/whoami',
  oversized: false,
  api,
  ...given,
  headers: new Map(
    Object.entries(given.headers ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? [value] : value,
    ]),
  ),
  cookies: (given.cookies ?? []).map(([name, value]): Cookie => ({ name, value })),
});
