import { expect, test } from '@jest/globals';
import { Sha256 } from '../../lambda/runtime/sha256.ts';

type Data = Parameters<Sha256['update']>[0];

const hex = async (hash: Sha256): Promise<string> => Buffer.from(await hash.digest()).toString('hex');

async function digestOf(parts: readonly Data[], secret?: Data): Promise<string> {
  const hash = new Sha256(secret);
  for (const part of parts) hash.update(part);
  return hex(hash);
}

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
/** A view that begins within its buffer. */
const within = (text: string): Uint8Array => Buffer.from(`--${text}--`).subarray(2, -2);
const bufferOf = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text)).buffer;

const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test.each<[string, readonly Data[], string]>([
  ['nothing', [], 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['a text', ['abc'], abc],
  ['parts', ['a', 'bc'], abc],
  ['a part of a buffer', [within('abc')], abc],
  ['a whole buffer', [bufferOf('abc')], abc],
  ['a DataView', [new DataView(bufferOf('abc'))], abc],
])('is SHA-256 (FIPS 180-4) of %s', async (_, parts, digest) => {
  expect(await digestOf(parts)).toBe(digest);
});

const jefe = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
const wanted = 'what do ya want for nothing?';

test.each<[string, Data, string, string]>([
  [
    'a key of bytes',
    bytes(20, 0x0b),
    'Hi There',
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  ['a key of text', 'Jefe', wanted, jefe],
  ['a key that is a part of a buffer', within('Jefe'), wanted, jefe],
  ['a key that is a whole buffer', bufferOf('Jefe'), wanted, jefe],
  [
    'a key longer than a block',
    bytes(131, 0xaa),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
])('is HMAC-SHA-256 (RFC 4231) under %s', async (_, key, data, digest) => {
  expect(await digestOf([data], key)).toBe(digest);
});

test('begins anew when it is reset, with the same key', async () => {
  const hash = new Sha256('Jefe');
  hash.update('something else');
  hash.reset();
  hash.update(wanted);
  expect(await hex(hash)).toBe(jefe);
});
