import { functionIn } from './rest-routes.ts';
import type { Properties, Resource, Synthesized } from './synthesized.ts';
import { only } from './synthesized.ts';

export interface V2Route {
  /** `GET /v1/whoami`, `$connect`. */
  readonly key: string;
  readonly authorizationType: string;
  /** Logical id of the authorizer; undefined where there is none. */
  readonly authorizer: string | undefined;
  /** Logical id of the function behind the route. */
  readonly handler: string;
  /** Payload format of the integration; WebSocket APIs have one alone. */
  readonly payload: string | undefined;
}

/** The one HTTP or WebSocket API, and its resources of a type. */
export const apiOf = ({ ofType }: Synthesized, protocol: 'HTTP' | 'WEBSOCKET'): Resource =>
  only(ofType('AWS::ApiGatewayV2::Api'), ({ Properties }) => Properties.ProtocolType === protocol);

export const partsOf = ({ ofType }: Synthesized, api: Resource, type: string): readonly Resource[] =>
  ofType(`AWS::ApiGatewayV2::${type}`).filter(({ Properties }) => Properties.ApiId.Ref === api.id);

/** Every route of an HTTP or WebSocket API as API Gateway will serve it. */
export function routesOf(stack: Synthesized, api: Resource): readonly V2Route[] {
  return partsOf(stack, api, 'Route').map(({ Properties: route }) => {
    const [prefix, target]: readonly [unknown, Properties] = route.Target['Fn::Join'][1];
    if (prefix !== 'integrations/') throw new Error(`unknown target ${JSON.stringify(route.Target)}`);
    const integration = only(partsOf(stack, api, 'Integration'), ({ id }) => id === target.Ref).Properties;
    const { IntegrationUri: uri } = integration;
    return {
      key: route.RouteKey,
      authorizationType: route.AuthorizationType,
      authorizer: route.AuthorizerId?.Ref,
      handler: uri['Fn::GetAtt']?.[0] ?? functionIn(uri),
      payload: integration.PayloadFormatVersion,
    };
  });
}

/** Permissions to invoke functions, given to one API. */
export const permissionsOf = ({ ofType }: Synthesized, { id }: Resource): readonly Properties[] =>
  ofType('AWS::Lambda::Permission')
    .map(({ Properties }) => Properties)
    .filter(({ SourceArn }) => JSON.stringify(SourceArn ?? '').includes(`{"Ref":"${id}"}`));
