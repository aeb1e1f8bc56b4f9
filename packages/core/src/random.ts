// Chance as an argument. Everything random (jitter, request tokens, heartbeats) takes a Random, so
// that a run can be repeated from its seed. Secrets always come from the system's.

/** Chance, passed in so that tests can have their own. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Fresh random bytes. */
  bytes(length: number): Uint8Array;
}

/** Cryptographically strong, from the platform. */
export const systemRandom: Random = {
  next() {
    const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
    return ((high >>> 5) * 0x400_0000 + (low >>> 6)) / 2 ** 53;
  },
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/** Repeatable, fast, and never for secrets (xorshift128 seeded by splitmix32). */
export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const state = Uint32Array.from({ length: 4 }, () => {
    mix = (mix + 0x9e37_79b9) >>> 0;
    let z = Math.imul(mix ^ (mix >>> 16), 0x21f0_aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a_2d97);
    return (z ^ (z >>> 15)) >>> 0 || 1;
  });
  const next32 = (): number => {
    let t = state[3] as number;
    const s = state[0] as number;
    state.copyWithin(1, 0, 3);
    t ^= t << 11;
    t ^= t >>> 8;
    state[0] = t ^ s ^ (s >>> 19);
    return state[0];
  };
  return {
    next: () => next32() / 2 ** 32,
    bytes: (length) => Uint8Array.from({ length }, () => next32() & 0xff),
  };
}

/** A whole number from `min` to `max`, both included. */
export function randomInteger(random: Random, min: number, max: number): number {
  return min + Math.floor(random.next() * (max - min + 1));
}
