import type { Properties, Synthesized } from './synthesized.ts';

export interface Method {
  readonly method: string;
  readonly path: string;
  /** Logical id of the authorizer; undefined where there is none. */
  readonly authorizer: string | undefined;
  readonly authorizationType: string;
  /** Logical id of the function behind the method. */
  readonly handler: string;
}

/** Every method of the REST API as API Gateway will serve it, its path put together from the resources. */
export function methodsOf({ resources, ofType }: Synthesized): readonly Method[] {
  const pathOf = (id: string): string => {
    const { PathPart, ParentId } = resources[id]?.Properties ?? {};
    return ParentId.Ref === undefined ? `/${PathPart}` : `${pathOf(ParentId.Ref)}/${PathPart}`;
  };
  return ofType('AWS::ApiGateway::Method').map(({ Properties: method }) => ({
    method: method.HttpMethod,
    path: method.ResourceId.Ref === undefined ? '/' : pathOf(method.ResourceId.Ref),
    authorizationType: method.AuthorizationType,
    authorizer: method.AuthorizerId?.Ref,
    handler: functionIn(method.Integration.Uri),
  }));
}

/** Logical id of the function that an invocation URI names. */
export function functionIn(uri: Properties): string {
  const parts: readonly Properties[] = uri['Fn::Join'][1];
  return parts.find((part) => Array.isArray(part['Fn::GetAtt']))?.['Fn::GetAtt'][0];
}
