import { createHash } from 'node:crypto';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { StackError } from './stack-error.ts';

/** Where the stack pretends to run. The account is one that AWS never gives out. */
export interface Place {
  readonly stackName: string;
  readonly region: string;
}

export const ACCOUNT = '000000000000';

/** A resource as it stands in the template. */
export interface RawResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
}

/**
 * What CloudFormation would call a resource, made from its logical id alone: the same at every start, so
 * data kept from an earlier run still has its names. `given` is the name the template itself asks for.
 */
export interface Physical {
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, by attribute. */
  readonly attributes: Readonly<Record<string, string>>;
}

export function physicalOf(resource: RawResource, place: Place): Physical {
  const { logicalId, type, properties } = resource;
  const name = `${place.stackName}-${logicalId}`;
  const arn = (service: string, rest: string): string =>
    `arn:aws:${service}:${place.region}:${ACCOUNT}:${rest}`;
  switch (type) {
    case 'AWS::DynamoDB::Table':
    case 'AWS::DynamoDB::GlobalTable':
      return named(given(properties, 'TableName') ?? name, (table) => arn('dynamodb', `table/${table}`));
    case 'AWS::Lambda::Function':
      return named(given(properties, 'FunctionName') ?? name, (fn) => arn('lambda', `function:${fn}`));
    case 'AWS::SecretsManager::Secret': {
      // AWS puts six random characters behind the name; these are only as random as the logical id.
      const secret = `${given(properties, 'Name') ?? name}-${digest(name).slice(0, 6)}`;
      return { ref: arn('secretsmanager', `secret:${secret}`), attributes: {} };
    }
    case 'AWS::ApiGateway::RestApi': {
      const id = digest(name).slice(0, 10);
      return { ref: id, attributes: { RootResourceId: `${id}-root`, RestApiId: id } };
    }
    case 'AWS::ApiGatewayV2::Api': {
      const id = digest(name).slice(0, 10);
      const scheme = properties['ProtocolType'] === 'WEBSOCKET' ? 'wss' : 'https';
      const endpoint = `${scheme}://${id}.execute-api.${place.region}.amazonaws.com`;
      return { ref: id, attributes: { ApiId: id, ApiEndpoint: endpoint } };
    }
    case 'AWS::ApiGateway::Stage':
    case 'AWS::ApiGatewayV2::Stage':
      return { ref: given(properties, 'StageName') ?? 'default', attributes: {} };
    case 'AWS::Logs::LogGroup':
      return named(given(properties, 'LogGroupName') ?? name, (group) => arn('logs', `log-group:${group}:*`));
    case 'AWS::IAM::Role':
      return named(given(properties, 'RoleName') ?? name, (role) => `arn:aws:iam::${ACCOUNT}:role/${role}`);
    default:
      return { ref: logicalId, attributes: {} };
  }
}

export function attributeOf(resource: RawResource, attribute: string, place: Place): string {
  const value = physicalOf(resource, place).attributes[attribute];
  if (value !== undefined) return value;
  throw new StackError(
    `the local stack does not know the attribute ${attribute} of ${resource.logicalId} (${resource.type})`,
  );
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
export function pseudoParameter(name: string, place: Place): string | undefined {
  const values: Readonly<Record<string, string>> = {
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': place.region,
    'AWS::StackId': `arn:aws:cloudformation:${place.region}:${ACCOUNT}:stack/${place.stackName}/local`,
    'AWS::StackName': place.stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

const named = (ref: string, arn: (name: string) => string): Physical => ({
  ref,
  attributes: { Arn: arn(ref) },
});

/** A name the template spells out; one it computes is replaced by ours. */
function given(properties: JsonObject, key: string): string | undefined {
  const value = properties[key];
  return typeof value === 'string' && !isObject(value) ? value : undefined;
}

const digest = (text: string): string =>
  // Lower case letters and digits only, as in the ids of AWS.
  BigInt(`0x${createHash('sha256').update(text).digest('hex')}`).toString(36);
