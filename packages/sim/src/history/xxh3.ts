// The hash by which the public model of S2 folds a record into the digest of a stream: XXH3, 64
// bits, of eight bytes, with a seed. Nothing else of XXH3 is needed, so nothing else is here.

const MASK = (1n << 64n) - 1n;
/** Bytes 8 to 24 of the default secret of XXH3, two words. */
const SECRET = 0x1cad21f72c81017cn ^ 0xdb979083e96dd4den;
const PRIME = 0x9fb21c651e98df25n;

/** @param value - eight bytes, little-endian */
export function xxh3OfWord(value: bigint, seed: bigint): bigint {
  const low = value & 0xffff_ffffn;
  const high = value >> 32n;
  const swapped = swap32(seed & 0xffff_ffffn) << 32n;
  const mixedSeed = (seed ^ swapped) & MASK;
  const bitflip = (SECRET - mixedSeed) & MASK;
  const keyed = ((high + (low << 32n)) & MASK) ^ bitflip;
  let hash = keyed ^ rotate(keyed, 49n) ^ rotate(keyed, 24n);
  hash = (hash * PRIME) & MASK;
  hash ^= (hash >> 35n) + 8n;
  hash = (hash * PRIME) & MASK;
  return hash ^ (hash >> 28n);
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK;
}

function swap32(value: bigint): bigint {
  return (
    ((value & 0xffn) << 24n) |
    ((value & 0xff00n) << 8n) |
    ((value >> 8n) & 0xff00n) |
    ((value >> 24n) & 0xffn)
  );
}
