import * as v from 'valibot';
import { kidPattern } from '../secrets/key-ring.ts';
import { parseStrictJson } from './strict-json.ts';

/** A token in compact form (RFC 7515 §7.1), decomposed. Nothing in it is verified. */
export interface UnverifiedJws {
  /** Absent in a token from before keys had names. */
  readonly kid?: string;
  readonly payload: unknown;
  /** The JWS signing input (RFC 7515 §5.1). */
  readonly signed: string;
  /** HMAC-SHA256 of it, in base64url. */
  readonly signature: string;
}

const header = v.strictObject({
  alg: v.literal('HS256'),
  typ: v.literal('ext+jwt'),
  kid: v.pipe(v.string(), v.regex(kidPattern)),
});

const legacyHeader = v.strictObject({ alg: v.literal('HS256'), typ: v.optional(v.literal('JWT')) });

/**
 * Decomposes a token of exactly our form. Stricter than JWS asks: header parameters we do not know, padding,
 * white space, a last character with stray bits or a member named twice are refused, so that one token has
 * one spelling and means the same to every reader.
 */
export function decomposeJws(token: string, acceptLegacy: boolean): UnverifiedJws | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const [head, body, mac] = parts.map(canonical);
  if (!head || !body || mac?.length !== 32) return undefined;

  const payload = parseStrictJson(body.toString());
  if (typeof payload !== 'object' || payload === null) return undefined;
  const parameters = parseStrictJson(head.toString());
  const end = token.lastIndexOf('.');
  const [signed, signature] = [token.slice(0, end), token.slice(end + 1)];
  const named = v.safeParse(header, parameters);
  if (named.success) return { kid: named.output.kid, payload, signed, signature };
  return acceptLegacy && v.is(legacyHeader, parameters) ? { payload, signed, signature } : undefined;
}

/** Bytes of a base64url string in its only canonical spelling (RFC 4648 §3.5, §5). */
function canonical(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
