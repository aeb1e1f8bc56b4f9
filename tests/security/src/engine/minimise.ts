// Makes an input smaller as long as the same is found: leaves out halves, quarters, bytes, then makes what
// is left plain. Bounded in tries.

const MAX_TRIES = 600;
const PLAIN = 0x30;

export async function minimise(
  bytes: Uint8Array,
  isStillFound: (candidate: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  let best = bytes;
  let tries = 0;
  const accept = async (candidate: Uint8Array): Promise<boolean> => {
    if (tries >= MAX_TRIES) return false;
    tries++;
    if (!(await isStillFound(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let length = best.length >> 1; length >= 1; length >>= 1)
    for (let at = 0; at < best.length; ) {
      const without = Buffer.concat([best.subarray(0, at), best.subarray(at + length)]);
      if (!(await accept(without))) at += length;
    }
  for (let at = 0; at < best.length; at++) {
    if (best[at] === PLAIN) continue;
    const plain = Uint8Array.from(best);
    plain[at] = PLAIN;
    await accept(plain);
  }
  return best;
}
