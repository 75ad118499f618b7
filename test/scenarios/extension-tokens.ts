import { jws } from '../support/jws.ts';
import { claims, globex, initech, nowSeconds, secretOf, tokenWith } from '../support/world.ts';
import {
  whoami,
  records,
  action,
  bearer,
  aliceToken,
  allow,
  deny,
  type Row,
  to,
  unseen,
  notConnecting,
} from './scenario.ts';

export const extensionTokens: readonly Row[] = [
  ['an extension token', whoami(bearer(tokenWith())), allow(aliceToken), notConnecting],
  ['an extension token invokes an action', action(bearer(tokenWith())), allow(aliceToken)],
  [
    'an extension token signed by a key that is retiring',
    whoami(bearer(tokenWith({}, {}, 'token-retiring'))),
    allow(aliceToken),
    notConnecting,
  ],
  [
    'an extension token signed by a key that is next',
    whoami(bearer(tokenWith({}, {}, 'token-next'))),
    allow(aliceToken),
    notConnecting,
  ],
  [
    'an extension token signed by a retired key',
    whoami(bearer(tokenWith({}, {}, 'token-retired'))),
    deny('signature_invalid'),
  ],
  [
    'an extension token under a key nobody knows',
    whoami(bearer(jws({ alg: 'HS256', typ: 'ext+jwt', kid: 'nobody' }, claims, secretOf('token-signing')))),
    deny('signature_invalid'),
  ],
  [
    'an extension token signed by a session key',
    whoami(
      bearer(
        jws({ alg: 'HS256', typ: 'ext+jwt', kid: 'session-signing' }, claims, secretOf('session-signing')),
      ),
    ),
    deny('signature_invalid'),
  ],
  [
    'an extension token named for the session on a POST to records',
    records('POST', 'contact', { headers: bearer(tokenWith()) }),
    deny('credential_kind_not_accepted'),
  ],
  [
    'an extension token without the scope',
    action(bearer(tokenWith({ scopes: ['records:read'] }))),
    deny('scope_insufficient'),
  ],
  [
    'an extension token whose scopes the installation does not grant',
    whoami(bearer(tokenWith({ scopes: ['extensions:manage', 'records:write'] }))),
    allow({ scopes: 'records:write:contact' }),
    notConnecting,
  ],
  [
    'an extension token of an extension that is not installed',
    whoami(bearer(tokenWith({ aud: 'other', extension_id: 'other' }))),
    deny('installation_inactive'),
  ],
  [
    'an extension token of an installation that is switched off',
    whoami(bearer(tokenWith({ orgId: globex.id }))),
    deny('installation_inactive'),
  ],
  [
    'an extension token in an organization the user is not in',
    whoami(bearer(tokenWith({ orgId: initech.id }))),
    deny('organization_forbidden'),
  ],
  [
    'an extension token in its organization by name',
    whoami({ ...bearer(tokenWith()), ...to('acme-corp') }),
    allow(aliceToken),
    notConnecting,
  ],
  [
    'an extension token in another organization of the user',
    whoami({ ...bearer(tokenWith()), ...to('globex') }),
    deny('organization_mismatch'),
    unseen(aliceToken),
  ],
  [
    'an extension token that has expired',
    whoami(bearer(tokenWith({ iat: nowSeconds - 400, exp: nowSeconds - 31 }))),
    deny('credential_expired'),
  ],
  [
    'an extension token from the future',
    whoami(bearer(tokenWith({ iat: nowSeconds + 60, exp: nowSeconds + 90 }))),
    deny('claims_invalid'),
  ],
  [
    'an extension token of another issuer',
    whoami(bearer(tokenWith({ iss: 'https://evil.test' }))),
    deny('claims_invalid'),
  ],
  [
    'an extension token that asks for everything',
    whoami(bearer(tokenWith({ scopes: ['*'] }))),
    deny('claims_invalid'),
  ],
  [
    'an unsigned token',
    whoami(bearer(`${tokenWith().split('.').slice(0, 2).join('.')}.`)),
    deny('credential_malformed'),
  ],
  ['a token of algorithm none', whoami(bearer(tokenWith({}, { alg: 'none' }))), deny('credential_malformed')],
];
