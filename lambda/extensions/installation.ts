import * as v from 'valibot';
import type { Scope } from '../core/model.ts';
import { isScope } from '../core/scopes.ts';
import { trustedOrigin } from '../runtime/origins.ts';

/** An extension as installed in an organization. */
export interface Installation {
  readonly extensionId: string;
  readonly name: string;
  /** Origins of the extension's pages, serialized. They are shown and recorded; no CORS rule trusts them. */
  readonly origins: readonly string[];
  /** What the organization grants; a token never carries more. */
  readonly scopes: readonly Scope[];
  /** Whether tokens are minted, and those already minted accepted. */
  readonly enabled: boolean;
}

/** Entries a list may have. */
const limit = 50;

const origin = v.pipe(
  v.string('origins must be a list of text.'),
  v.maxLength(255, 'An origin has at most 255 characters.'),
  v.transform((value) => (value.includes('*') ? undefined : trustedOrigin(value))),
  v.string('origins must be http(s) origins such as https://extension.example.com.'),
);

const scopeMessage = 'scopes must be of the form resource:action or resource:action:entity.';
/** `*` is not among them: only a role gives everything. */
export const scope = v.pipe(
  v.string(scopeMessage),
  v.check((value) => isScope(value), scopeMessage),
);

const set = <Schema extends v.GenericSchema<unknown, string>>(name: string, each: Schema) =>
  v.pipe(
    v.array(each, `${name} must be a list.`),
    v.maxLength(limit, `${name} has at most ${limit} entries.`),
    v.transform((values) => [...new Set(values)]),
  );

export const scopes = set('scopes', scope);

const nameMessage = 'name must be text of 1 to 100 characters.';

/** The body of PUT …/installation. Every message is a constant: it is answered to the client. */
export const installationBody = v.strictObject(
  {
    name: v.pipe(
      v.string(nameMessage),
      v.trim(),
      v.check((name) => name !== '' && name.length <= 100 && name.isWellFormed(), nameMessage),
    ),
    origins: set('origins', origin),
    scopes,
    enabled: v.optional(v.boolean('enabled must be true or false.'), true),
  },
  'The body must be a JSON object with name, origins, scopes and, if wanted, enabled.',
);
