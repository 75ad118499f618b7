import { sendJson } from './loopback.ts';
import { readSite, sendPage } from './site.ts';
import type { LocalStack } from './stack.ts';

const site = readSite({
  '/': 'extension.html',
  '/extension.css': 'extension.css',
  '/extension.js': 'extension.js',
});

/** The example extension: a page of another origin, made to be shown inside the CRM's own. */
export function serveExtension({ urls, ports }: LocalStack): void {
  const hosts = [urls.console, urls.console.replace('127.0.0.1', 'localhost')];
  const facts = { actions: `${urls.rest}/api/actions/execute`, hosts };
  const policy =
    `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ${urls.rest}; ` +
    `form-action 'none'; base-uri 'none'; frame-ancestors ${hosts.join(' ')}`;
  ports.extension.serve((request, response) =>
    request.url === '/facts' ? sendJson(response, 200, facts) : sendPage(site, request, response, policy),
  );
}
