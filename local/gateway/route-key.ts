/** A route of an HTTP API, by its key: `GET /v1/records/{entity}`, `ANY /api/auth/{proxy+}` or `$default`. */
export interface Keyed {
  readonly key: string;
}

export interface RouteMatch<Route> {
  readonly route: Route;
  /** Percent-decoded, as HTTP APIs hand them on. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One segment of a path template. The rank orders templates that match the same path: the lowest wins. */
type Rank = 0 | 1 | 2;

interface Candidate<Route> extends RouteMatch<Route> {
  readonly ranks: readonly Rank[];
  readonly anyMethod: boolean;
}

/**
 * The most specific route for a request: at each segment a literal before `{parameter}` before `{proxy+}`,
 * then the method itself before ANY, then `$default`. Segments are compared as sent, and a slash at the end
 * is a segment of its own.
 *
 * @param path raw path below the stage
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
 */
export function selectRoute<Route extends Keyed>(
  routes: readonly Route[],
  method: string,
  path: string,
): RouteMatch<Route> | undefined {
  const [best] = routes.flatMap((route) => candidate(route, method, path) ?? []).toSorted(byRank);
  if (best) return { route: best.route, parameters: best.parameters };
  const fallback = routes.find(({ key }) => key === '$default');
  return fallback && { route: fallback, parameters: {} };
}

function candidate<Route extends Keyed>(
  route: Route,
  method: string,
  path: string,
): Candidate<Route> | undefined {
  const [wanted = '', template = ''] = route.key.split(' ');
  const anyMethod = wanted === 'ANY';
  if (!anyMethod && wanted !== method) return undefined;
  const parts = segmentsOf(template);
  const segments = segmentsOf(path);
  const ranks: Rank[] = [];
  const parameters: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? '';
    const [, name, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(part) ?? [];
    if (name === undefined && segment !== part) return undefined;
    if (name !== undefined && segment === '') return undefined;
    ranks.push(name === undefined ? 0 : greedy ? 2 : 1);
    if (name !== undefined) parameters[name] = decoded(greedy ? segments.slice(index).join('/') : segment);
    if (greedy) return { route, parameters, ranks, anyMethod };
  }
  return segments.length === parts.length ? { route, parameters, ranks, anyMethod } : undefined;
}

function byRank(a: Candidate<unknown>, b: Candidate<unknown>): number {
  for (const [index, rank] of a.ranks.entries()) {
    const difference = rank - (b.ranks[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(a.anyMethod) - Number(b.anyMethod);
}

const segmentsOf = (path: string): readonly string[] => path.replace(/^\//, '').split('/');

/** Percent-decoded; as it is where it is no valid encoding. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
