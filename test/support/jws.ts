import { createHmac } from 'node:crypto';

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** JSON as given, when it is text already: members twice, numbers no parser writes, and what is no JSON. */
const json = (value: object | string): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A token in compact form, signed as RFC 7515 says and without asking whether it should be. */
export function jws(header: object | string, payload: object | string, secret: string): string {
  const signed = `${base64url(json(header))}.${base64url(json(payload))}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
