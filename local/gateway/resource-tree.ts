/** A resource of a REST API: one path template, with what is below it. */
export interface ResourceNode<Method> {
  readonly id: string;
  /** Path template: `/`, `/v1/records/{entity}`, `/api/auth/{proxy+}`. */
  readonly path: string;
  readonly literals: Map<string, ResourceNode<Method>>;
  parameter?: { readonly name: string; readonly node: ResourceNode<Method> };
  greedy?: { readonly name: string; readonly node: ResourceNode<Method> };
  /** By HTTP method; `ANY` takes what no other method does. */
  readonly methods: Map<string, Method>;
}

export interface Match<Method> {
  readonly resource: ResourceNode<Method>;
  /** As the client sent them, still percent-encoded: REST APIs do not decode them. */
  readonly parameters: Readonly<Record<string, string>>;
}

export const createNode = <Method>(id: string, path: string): ResourceNode<Method> => ({
  id,
  path,
  literals: new Map(),
  methods: new Map(),
});

/** Adds the child that a path part names: `records`, `{entity}` or `{proxy+}`. */
export function addChild<Method>(
  parent: ResourceNode<Method>,
  id: string,
  part: string,
): ResourceNode<Method> {
  const node = createNode<Method>(id, `${parent.path === '/' ? '' : parent.path}/${part}`);
  const [, name, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(part) ?? [];
  if (name === undefined) parent.literals.set(part, node);
  else if (greedy) parent.greedy = { name, node };
  else parent.parameter = { name, node };
  return node;
}

/**
 * The most specific resource with a method for this path: at every level a literal before a parameter before
 * a greedy parameter. Segments are compared as sent: `%61` is not `a`. One slash at the end is ignored.
 *
 * @param path raw path, without query
 */
export function matchPath<Method>(root: ResourceNode<Method>, path: string): Match<Method> | undefined {
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  return walk(root, segments[0] === '' && segments.length === 1 ? [] : segments, {});
}

function walk<Method>(
  node: ResourceNode<Method>,
  segments: readonly string[],
  parameters: Readonly<Record<string, string>>,
): Match<Method> | undefined {
  const [segment, ...rest] = segments;
  // A resource without methods is only a step on the way to others.
  if (segment === undefined) return node.methods.size > 0 ? { resource: node, parameters } : undefined;
  if (segment === '') return undefined;
  const literal = node.literals.get(segment);
  const { parameter, greedy } = node;
  return (
    (literal && walk(literal, rest, parameters)) ??
    (parameter && walk(parameter.node, rest, { ...parameters, [parameter.name]: segment })) ??
    (greedy && walk(greedy.node, [], { ...parameters, [greedy.name]: segments.join('/') }))
  );
}
