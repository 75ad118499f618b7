import type { BetterAuthAdvancedOptions } from 'better-auth';
import type { Config } from '../runtime/config.ts';
import { cookieDomain } from './cookie-domain.ts';

type Cookies = Pick<
  BetterAuthAdvancedOptions,
  'cookies' | 'useSecureCookies' | 'crossSubDomainCookies' | 'defaultCookieAttributes'
>;

/**
 * Names and attributes of Better Auth's cookies. Deployed, the CRM's pages live on sibling domains and embed
 * each other, so cookies are `SameSite=None; Secure` on the common domain; the origin rule is what stands
 * against cross-site requests. In development they stay on their host.
 */
export function cookieOptions(config: Config): Cookies {
  const deployed = config.stage !== 'dev';
  const domain = config.cookieDomain ?? (deployed ? cookieDomain(config.betterAuthUrl) : undefined);
  return {
    cookies: { session_token: { name: 'better-auth-session' } },
    useSecureCookies: config.secureCookies,
    ...(domain === undefined ? {} : { crossSubDomainCookies: { enabled: true, domain } }),
    defaultCookieAttributes: { httpOnly: true, sameSite: deployed ? 'none' : 'lax' },
  };
}
