import { apiKeys } from './scenarios/api-keys.ts';
import { extensionTokens } from './scenarios/extension-tokens.ts';
import { requests } from './scenarios/requests.ts';
import type { Row, Scenario } from './scenarios/scenario.ts';
import { sessions } from './scenarios/sessions.ts';

export type { Expected, Scenario } from './scenarios/scenario.ts';

const named = (rows: readonly Row[]): readonly Scenario[] =>
  rows.map(([name, sent, expected]) => ({ name, sent, expected }));

/** Every request whose decision the contract settles, the same on every surface that can carry it. */
export const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  'API key': named(apiKeys),
  session: named(sessions),
  'extension token': named(extensionTokens),
  request: named(requests),
};
