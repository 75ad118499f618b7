import { expect, test } from '@jest/globals';
import {
  denialClass,
  denialDescription,
  denials,
  deny,
  type DenialReason,
} from '../../lambda/core/denial.ts';
import { Fault } from '../../lambda/core/fault.ts';

const isReason = (name: string): name is DenialReason => name in denials;
const reasons = Object.keys(denials).filter(isReason).sort();

test('a client is told to throw its credential away for the reasons the contract says, and for no other', () => {
  expect(reasons.filter((reason) => denialClass(reason) === 'unauthenticated')).toEqual([
    'claims_invalid',
    'credential_ambiguous',
    'credential_disabled',
    'credential_expired',
    'credential_malformed',
    'credential_missing',
    'credential_revoked',
    'credential_unknown',
    'signature_invalid',
  ]);
  expect(reasons.filter((reason) => denialClass(reason) === 'forbidden')).toHaveLength(reasons.length - 9);
});

test('every reason has a sentence of its own that a client may read', () => {
  const sentences = reasons.map(denialDescription);
  for (const sentence of sentences)
    expect(sentence).toMatch(/^The(?:re)? [^{}$]{10,}\.$|^This [^{}$]{10,}\.$/);
  expect(new Set(sentences).size).toBe(sentences.length);
});

test('a refusal says its reason and nothing else', () => {
  expect(deny('rate_limited')).toEqual({ effect: 'deny', reason: 'rate_limited' });
});

test('a fault says what kind it is and keeps its cause, for the log alone', () => {
  const cause = new Error('ECONNREFUSED');
  const fault = new Fault('store', 'The store did not answer', { cause });
  expect([fault.name, fault.kind, fault.message, fault.cause]).toEqual([
    'Fault',
    'store',
    'The store did not answer',
    cause,
  ]);
});
