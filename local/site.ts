import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';

/** Files of `local/pages/` by the path they are served under. */
export type Site = ReadonlyMap<string, { readonly type: string; readonly body: Buffer }>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Reads the files once; a path that is not in this list is not served, so no path leads out of it. */
export const readSite = (files: Readonly<Record<string, string>>): Site =>
  new Map(
    Object.entries(files).map(([path, file]) => [
      path,
      {
        type: types[extname(file)] ?? 'text/plain',
        body: readFileSync(new URL(`pages/${file}`, import.meta.url)),
      },
    ]),
  );

/** @param policy what the page may load, connect to and be framed by: anything else injected into it fails */
export function sendPage(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  policy: string,
): void {
  const page = site.get((request.url ?? '/').split('?')[0] ?? '/');
  if (request.method !== 'GET' || !page) return void response.writeHead(404).end();
  response
    .writeHead(200, {
      'Content-Type': page.type,
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(page.body);
  return undefined;
}
