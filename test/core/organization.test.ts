import { describe, expect, test } from '@jest/globals';
import { deny } from '../../lambda/core/denial.ts';
import { isAcceptableSlug, requestedTenant } from '../../lambda/core/organization.ts';
import { accessRequest } from '../support/request.ts';

const asked = (value?: string | readonly string[]) =>
  requestedTenant(accessRequest(value === undefined ? {} : { headers: { 'x-tenant-id': value } }));

const ambiguous = deny('organization_ambiguous');

describe('x-tenant-id', () => {
  test('absent asks for none', () => expect(asked()).toBeUndefined());

  test('names an organization by slug or id, white space around it aside', () => {
    expect(asked('acme-corp')).toBe('acme-corp');
    expect(asked(' \tacme-corp ')).toBe('acme-corp');
    expect(asked(['acme-corp', 'acme-corp '])).toBe('acme-corp');
    expect(asked('5xbTkPq0ZrWm3sHv8LcJ2nYd7RfGaEuK')).toBe('5xbTkPq0ZrWm3sHv8LcJ2nYd7RfGaEuK');
  });

  test.each<[string, string | readonly string[]]>([
    ['empty', ''],
    ['white space', ' \t'],
    ['two values', ['acme-corp', 'globex']],
    ['a value and an empty one', ['acme-corp', '']],
    ['a comma', 'acme-corp,globex'],
    ['a comma between equal names', 'acme-corp,acme-corp'],
    ['a trailing comma', 'acme-corp,'],
    ['no value at all', []],
  ])('%s is organization_ambiguous', (_, value) => expect(asked(value)).toEqual(ambiguous));

  test.each([
    ['a#b'],
    ['acme corp'],
    ['a'.repeat(65)],
    ['\u00a0acme-corp'],
    ['ácme'],
    ['acme-corp\u0000'],
    ['../acme'],
    ['*'],
  ])('%j, which no organization can be called, becomes one name that none has', (value) => {
    expect(asked(value)).toBe('!');
  });
});

describe('a slug', () => {
  test.each([['a'], ['acme-corp'], ['0'], ['a'.repeat(63)], ['a--b']])('%s is accepted', (slug) => {
    expect(isAcceptableSlug(slug)).toBe(true);
  });

  test('that only contains an id is accepted: nobody has that one', () => {
    for (const id of ['a'.repeat(32), '123e4567-e89b-42d3-a456-426614174000']) {
      expect(isAcceptableSlug(`a${id}`)).toBe(true);
      expect(isAcceptableSlug(`${id}0`)).toBe(true);
    }
  });

  test.each([
    [''],
    ['-a'],
    ['a-'],
    ['Acme'],
    ['a_b'],
    ['a.b'],
    ['a'.repeat(64)],
    ['acme\n'],
    ['!'],
    ['a'.repeat(32)],
    ['0'.repeat(32)],
    ['123e4567-e89b-42d3-a456-426614174000'],
  ])('%j is refused: malformed, or it could be read as an id', (slug) => {
    expect(isAcceptableSlug(slug)).toBe(false);
  });
});
