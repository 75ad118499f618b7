import { apiKeys } from './scenarios/api-keys.ts';
import { events } from './scenarios/events.ts';
import { extensionTokens } from './scenarios/extension-tokens.ts';
import { handshakes } from './scenarios/handshakes.ts';
import { requests } from './scenarios/requests.ts';
import { cookieUnseen, type Elsewhere, type Row, type Scenario } from './scenarios/scenario.ts';
import { sessions } from './scenarios/sessions.ts';

export type { Expected, OtherSurface, Scenario } from './scenarios/scenario.ts';

/** @param everywhere in these rows the answer is another one for the same reason */
const named = (rows: readonly Row[], everywhere: Elsewhere = {}): readonly Scenario[] =>
  rows.map(([name, sent, expected, elsewhere]) => ({
    name,
    sent,
    expected,
    elsewhere: { ...everywhere, ...elsewhere },
  }));

/** Every request whose decision the contract settles, with the answer every surface that can carry it gives. */
export const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  'API key': named(apiKeys),
  session: named(sessions, cookieUnseen),
  'extension token': named(extensionTokens),
  request: named(requests),
  event: named(events),
  handshake: named(handshakes),
};
