import type { Answer, HttpHandler } from '../http/answer.ts';
import { endpoint, type Call, type EndpointSettings } from '../http/endpoint.ts';
import { parseBody } from '../http/json-body.ts';
import type { Refusal } from '../http/refusal.ts';
import type { Clock } from '../runtime/clock.ts';
import { installationBody, type Installation } from './installation.ts';
import type { InstallationStore } from './installation-store.ts';

export interface InstallationSettings extends EndpointSettings {
  readonly store: InstallationStore;
  readonly clock: Clock;
}

/**
 * PUT and DELETE /v1/extensions/{extensionId}/installation, in the caller's organization. Both may be repeated:
 * PUT replaces the whole installation, and what is not installed is deleted already.
 */
export const installationEndpoint = (settings: InstallationSettings): HttpHandler =>
  endpoint(
    'installations',
    (call) => (call.request.method === 'DELETE' ? remove(settings, call) : install(settings, call)),
    settings,
  );

async function install({ store, clock }: InstallationSettings, call: Call): Promise<Answer | Refusal> {
  const body = parseBody(installationBody, call.request.body);
  if ('error' in body) return body;
  const installation: Installation = { extensionId: call.parameter('extensionId'), ...body.value };
  await store.put(call.context.organizationId, installation, clock());
  return { status: 200, body: installation };
}

async function remove({ store }: InstallationSettings, { context, parameter }: Call): Promise<Answer> {
  await store.remove(context.organizationId, parameter('extensionId'));
  return { status: 204 };
}
