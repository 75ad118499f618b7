import type { AccessRequest } from '../core/model.ts';
import { readCookies, type Headers } from './headers.ts';

interface Read extends Pick<AccessRequest, 'surface' | 'api' | 'method' | 'path' | 'oversized'> {
  readonly id: string | undefined;
  readonly resource: string | undefined;
  readonly sourceAddress: string | undefined;
  readonly headers: Headers;
}

/** A request as it was read from an event. Cookies are parsed only if the request keeps the size limits. */
export function accessRequest(read: Read): AccessRequest {
  const { surface, api, method, path, id = '', resource, sourceAddress, headers, oversized } = read;
  const cookie = oversized ? undefined : headers.get('cookie');
  return {
    surface,
    api,
    method,
    path,
    id,
    ...(resource ? { resource } : undefined),
    headers,
    cookies: cookie ? readCookies(cookie) : none,
    ...(sourceAddress ? { sourceAddress } : undefined),
    oversized,
  };
}

const none: AccessRequest['cookies'] = [];
