/**
 * A header value, or a part of one, without the white space HTTP allows around it: space and tab alone
 * (RFC 9110 §5.6.3). `String.trim` also takes off no-break spaces and the like: a cookie that a sibling
 * domain names `\u00a0__Secure-…` is not protected by the browser's rule for that prefix, and trimming would
 * turn it into one that is.
 */
export function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  // Before the first character and after the last there is none: neither loop leaves the text.
  while (isWhiteSpace(text.charCodeAt(start))) start += 1;
  while (isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const isWhiteSpace = (code: number): boolean => code === 0x20 || code === 0x09;
