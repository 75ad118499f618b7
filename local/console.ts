import type { IncomingMessage, ServerResponse } from 'node:http';
import { routes } from '../lambda/core/routes.ts';
import type { Demo } from './demo.ts';
import type { ResourceNode } from './gateway/resource-tree.ts';
import { readRestApi } from './gateway/rest-template.ts';
import type { RestMethod } from './gateway/rest-api.ts';
import { mintToken, tryRequest } from './console-requests.ts';
import { sendJson } from './loopback.ts';
import type { Handler } from './loopback.ts';
import { readSite, sendPage } from './site.ts';
import type { LocalStack } from './stack.ts';

const site = readSite({ '/': 'console.html', '/console.css': 'console.css', '/console.js': 'console.js' });

/** The page that shows the routes and the latest decisions, and tries requests. */
export function serveConsole(stack: LocalStack, demo: Demo | undefined): void {
  const { rest, http, websocket, extension } = stack.urls;
  const facts = {
    rest,
    http,
    websocket,
    extension,
    email: demo?.email,
    foreign: demo?.foreignOrganization,
    routes: routesOf(stack),
  };
  const policy =
    `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; ` +
    `frame-src ${extension}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`;
  const services: Readonly<Record<string, Handler>> = {
    '/facts': (_, response) => sendJson(response, 200, facts),
    '/decisions': (_, response) => streamDecisions(stack, response),
    '/try': (request, response) => tryRequest(stack, demo, request, response),
    '/token': async (_, response) => sendJson(response, 200, await mintToken(stack, demo)),
  };
  stack.ports.console.serve((request, response) => {
    const service = services[request.url ?? '/'];
    if (!service) return sendPage(site, request, response, policy);
    // It acts with the demo's credentials: no page but the console's own may have it do so.
    if (!isOwnPage(request)) return sendJson(response, 403, { message: 'Only the console itself may ask.' });
    return service(request, response);
  });
}

/** Absent from programs such as curl, which can read the files anyway; pages cannot leave it out or forge it. */
const isOwnPage = ({ headers }: IncomingMessage): boolean =>
  ['same-origin', 'none', undefined].includes(headers['sec-fetch-site']?.toString());

/** Server-sent events: the latest decisions, then each as it is made. */
function streamDecisions({ decisions }: LocalStack, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const send = (decision: object): void => void response.write(`data: ${JSON.stringify(decision)}\n\n`);
  for (const decision of decisions.recent().slice(-50)) send(decision);
  response.on('close', decisions.subscribe(send));
}

interface RouteRow {
  readonly method: string;
  readonly path: string;
  readonly function: string;
  readonly authorizer: string;
  readonly accepts: readonly string[];
  readonly scope: string;
}

/** What the template serves, with what the route table says of it. */
function routesOf({ template }: LocalStack): readonly RouteRow[] {
  const api = readRestApi(template);
  return api ? rowsBelow(api.root) : [];
}

function rowsBelow(node: ResourceNode<RestMethod>): readonly RouteRow[] {
  const own = [...node.methods]
    .filter(([method]) => method !== 'OPTIONS')
    .map(([method, { functionName, authorizer }]) => {
      const route = routes.find((each) => each.method === method && each.path === node.path);
      return {
        method,
        path: node.path,
        function: functionName,
        authorizer: authorizer?.functionName ?? '',
        accepts: route?.accepts ?? [],
        scope: route?.scope ?? '',
      };
    });
  const below = [...node.literals.values(), node.parameter?.node, node.greedy?.node];
  return [...own, ...below.flatMap((child) => (child ? rowsBelow(child) : []))];
}
