import { parse } from 'tldts';

/**
 * The `Domain` of cookies, derived from where Better Auth is reached: the host without its first label, as
 * long as what remains is still below the registrable domain, else the host itself. `undefined` means
 * host-only: IP addresses, single labels such as `localhost`, and hosts that are public suffixes themselves.
 *
 * Private suffixes count as suffixes (publicsuffix.org): below `execute-api.us-east-1.amazonaws.com` live other
 * people's APIs, and a cookie for their common parent would be sent to all of them.
 */
export function cookieDomain(url: string): string | undefined {
  const { hostname, domain, isIp } = parse(url, { allowPrivateDomains: true });
  if (!hostname || !domain || isIp || !hostname.includes('.')) return undefined;
  const parent = hostname.slice(hostname.indexOf('.') + 1);
  return `.${parent.endsWith(`.${domain}`) ? parent : hostname}`;
}
