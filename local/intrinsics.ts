import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { StackError } from './stack-error.ts';

/** What the references in a template stand for. Each throws a StackError for a name it does not know. */
export interface References {
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, key: string, name: string): unknown;
}

/** `AWS::NoValue`: the member or element that holds it is left out. */
export const NO_VALUE: unique symbol = Symbol('AWS::NoValue');

/**
 * A template value with every intrinsic function in it replaced by what it stands for.
 * A function that is not known here is an error: guessing would run something else than what is deployed.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolve(value: unknown, references: References): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, references)).filter((item) => item !== NO_VALUE);
  }
  if (!isObject(value)) return value;
  const call = intrinsicOf(value);
  if (call) return apply(call.name, call.argument, references);
  const members = Object.entries(value).map(([key, member]) => [key, resolve(member, references)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== NO_VALUE));
}

/** The truth of a condition's expression. */
export function evaluateCondition(expression: unknown, references: References): boolean {
  const call = isObject(expression) ? (intrinsicOf(expression) ?? conditionOf(expression)) : undefined;
  if (!call) throw new StackError(`not a condition: ${JSON.stringify(expression)}`);
  const terms = Array.isArray(call.argument) ? call.argument : [call.argument];
  const holds = (term: unknown): boolean => evaluateCondition(term, references);
  switch (call.name) {
    case 'Condition':
      return references.condition(text(call.argument, 'Condition'));
    case 'Fn::Equals': {
      const [left, right] = terms.map((term) => JSON.stringify(resolve(term, references)));
      return left === right;
    }
    case 'Fn::Not':
      return !holds(terms[0]);
    case 'Fn::And':
      return terms.every(holds);
    case 'Fn::Or':
      return terms.some(holds);
    default:
      throw unsupported(call.name);
  }
}

interface Call {
  readonly name: string;
  readonly argument: unknown;
}

function intrinsicOf(value: JsonObject): Call | undefined {
  const [entry, ...others] = Object.entries(value);
  if (!entry || others.length > 0) return undefined;
  const [name, argument] = entry;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument } : undefined;
}

const conditionOf = (value: JsonObject): Call | undefined =>
  typeof value['Condition'] === 'string' ? { name: 'Condition', argument: value['Condition'] } : undefined;

function apply(name: string, argument: unknown, references: References): unknown {
  switch (name) {
    case 'Ref':
      return references.ref(text(argument, name));
    case 'Fn::GetAtt': {
      const [logicalId, ...path] = typeof argument === 'string' ? argument.split('.') : list(argument, name);
      return references.attribute(text(logicalId, name), path.map((part) => text(part, name)).join('.'));
    }
    case 'Fn::Join': {
      const [separator, parts] = list(argument, name);
      const texts = list(resolve(parts, references), name).map((part) => text(part, name));
      return texts.join(text(separator, name));
    }
    case 'Fn::Sub':
      return substitute(argument, references);
    case 'Fn::Select': {
      const [index, items] = list(argument, name);
      const chosen = list(resolve(items, references), name)[Number(resolve(index, references))];
      if (chosen === undefined) throw new StackError(`Fn::Select has no item ${String(index)}`);
      return chosen;
    }
    case 'Fn::Split': {
      const [separator, whole] = list(argument, name);
      return text(resolve(whole, references), name).split(text(separator, name));
    }
    case 'Fn::If': {
      const [condition, yes, no] = list(argument, name);
      return resolve(references.condition(text(condition, name)) ? yes : no, references);
    }
    case 'Fn::FindInMap': {
      const [map, key, inner] = list(resolve(argument, references), name).map((part) => text(part, name));
      return references.mapping(map ?? '', key ?? '', inner ?? '');
    }
    default:
      throw unsupported(name);
  }
}

/** `Fn::Sub`: `${Name}`, `${LogicalId.Attribute}`, a variable of its own map, and `${!Literal}`. */
function substitute(argument: unknown, references: References): string {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const own = isObject(variables) ? variables : {};
  return text(template, 'Fn::Sub').replace(/\$\{([^}]+)\}/g, (_, expression: string) => {
    if (expression.startsWith('!')) return `\${${expression.slice(1)}}`;
    if (Object.hasOwn(own, expression)) return text(resolve(own[expression], references), 'Fn::Sub');
    const dot = expression.indexOf('.');
    const value =
      dot < 0
        ? references.ref(expression)
        : references.attribute(expression.slice(0, dot), expression.slice(dot + 1));
    return text(value, 'Fn::Sub');
  });
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new StackError(`${where} needs text here, not ${JSON.stringify(value) ?? String(value)}`);
}

function list(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new StackError(`${where} needs a list here, not ${JSON.stringify(value)}`);
}

const unsupported = (name: string): StackError =>
  new StackError(`the local stack does not know the template function ${name}`);
