import type { FunctionSpec } from './functions.ts';
import type { Template } from './template.ts';

/** A running stack as other programs find it in `.local/stack.json`: names and addresses only. */
export interface StackDescription {
  readonly rest: string;
  /** Only where the template has such an API. */
  readonly http?: string;
  readonly websocket?: string;
  readonly lambda: string;
  readonly console: string;
  readonly extension: string;
  readonly dynamodb: string;
  readonly secretsManager: string;
  readonly region: string;
  /** The identity table. */
  readonly table?: string;
  readonly secrets: { readonly extensionToken?: string; readonly betterAuth?: string };
  /** Function names, by logical id in camel case. */
  readonly functions: Readonly<Record<string, string>>;
  /** The environment of the REST authorizer, for programs that decide as it does. */
  readonly configuration: Readonly<Record<string, string>>;
}

export type Endpoints = Omit<
  StackDescription,
  'region' | 'table' | 'secrets' | 'functions' | 'configuration'
>;

export function describeStack(
  template: Template,
  functions: readonly FunctionSpec[],
  endpoints: Endpoints,
  environment: Readonly<Record<string, string>>,
): StackDescription {
  const table = template.output('TableName');
  const extensionToken = template.output('ExtensionTokenSecretArn');
  const betterAuth = template.output('BetterAuthSecretArn');
  return {
    ...endpoints,
    region: template.place.region,
    ...(table !== undefined && { table }),
    secrets: {
      ...(extensionToken !== undefined && { extensionToken }),
      ...(betterAuth !== undefined && { betterAuth }),
    },
    functions: Object.fromEntries(
      functions.map(({ logicalId, name }) => [
        // `websocketAuthorizer`: a WebSocket is one word.
        logicalId.replace(/^(?:WebSocket|[A-Z])/, (first) => first.toLowerCase()),
        name,
      ]),
    ),
    configuration: {
      ...functions.find(({ logicalId }) => logicalId === 'RestAuthorizer')?.environment,
      ...environment,
    },
  };
}
