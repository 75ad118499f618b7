/**
 * Stands in the bundles for `node:zlib`, of which the SDK and key checksums use this much: it is loaded when something is
 * first summed, which for most functions is never.
 */
export const crc32 = (data: string | NodeJS.ArrayBufferView, value?: number): number =>
  process.getBuiltinModule('node:zlib').crc32(data, value);
