import { keyRows } from './world/keys.ts';
import { memberRows, organizationRows, type Row } from './world/place.ts';
import { sessionRows } from './world/sessions.ts';
import { installationRows } from './world/tokens.ts';

export {
  acme,
  alice,
  betterAuthUrl,
  bob,
  carol,
  dave,
  environment,
  globex,
  initech,
  nowSeconds,
  rings,
  secretOf,
  trustedOrigin,
} from './world/place.ts';
export { keyIdOf, keyOf, plainKey } from './world/keys.ts';
export { cachedCookieOf, cookieNames, cookieOf, sessionIdOf, tokenOf } from './world/sessions.ts';
export { claims, extension, grant, header, jti, liveExtension, tokenWith } from './world/tokens.ts';

/** Everything that is in the identity table. */
export const rows: readonly Row[] = [
  ...organizationRows,
  ...memberRows,
  ...keyRows,
  ...sessionRows,
  ...installationRows,
];
