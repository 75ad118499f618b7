import type { Allow } from '../core/model.ts';
import { isOriginAccepted } from '../core/origin.ts';
import type { Rendering } from './surface.ts';

/**
 * All that an answer depends on of where a request comes from: whether its origin is accepted for safe methods and
 * for others (lambda/core/origin.ts asks nothing more of a method). Only sessions are asked.
 */
export function acceptedOrigins({ principal }: Allow, { request, trusted }: Rendering): string {
  if (principal.credentialKind !== 'session') return '';
  const safe = isOriginAccepted(request, 'GET', trusted) ? 'safe' : '';
  return isOriginAccepted(request, 'POST', trusted) ? `${safe} unsafe` : safe;
}
