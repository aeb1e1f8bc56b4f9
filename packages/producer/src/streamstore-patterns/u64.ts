// Unsigned 64-bit integers as 8 bytes, big-endian, exact.
// Spec: sdk#messages.

const U64_BYTES = 8;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** @throws {RangeError} outside 0 to 2^64 - 1 */
export function encodeU64(value: bigint | number): Uint8Array {
  const whole = BigInt(value);
  if (whole < 0n || whole > MAX_U64)
    throw new RangeError(`value must be an integer from 0 to 2^64 - 1 value=${value}`);
  const bytes = new Uint8Array(U64_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, whole);
  return bytes;
}

/** @throws {RangeError} when it is not 8 bytes */
export function decodeU64(bytes: Uint8Array): bigint {
  if (bytes.length !== U64_BYTES)
    throw new RangeError(`an integer takes ${U64_BYTES} bytes length=${bytes.length}`);
  return new DataView(bytes.buffer, bytes.byteOffset, U64_BYTES).getBigUint64(0);
}
