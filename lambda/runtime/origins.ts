/**
 * The serialized origin of a URL (HTML Standard §7.1.1: lower-case host, punycode, no default port), or
 * `undefined` when it is not an http(s) URL.
 */
export function origin(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url)) return undefined;
  try {
    return new URL(url).origin;
  } catch {
    return undefined;
  }
}

/** Any label may stand here while the URL parser normalizes the rest of a wildcard origin. */
const placeholder = 'any-subdomain';

/**
 * An entry of TRUSTED_ORIGINS in serialized form, or `undefined` when it is none: `https://app.example.com`,
 * or `https://*.example.com`. A wildcard needs two labels after it: `https://*.com` would trust everybody.
 */
export function trustedOrigin(entry: string): string | undefined {
  const wildcard = /^(https?):\/\/\*\.([^/?#@*]+\.[^/?#@*]+)\/?$/i.exec(entry);
  if (wildcard) {
    const [, scheme = '', host = ''] = wildcard;
    return origin(`${scheme}://${placeholder}.${host}`)?.replace(`//${placeholder}.`, '//*.');
  }
  // More than an origin (a path, a query) is a mistake worth telling: it would not narrow anything.
  return /^https?:\/\/[^/?#@*]+\/?$/i.test(entry) ? origin(entry) : undefined;
}
