// Chunks of bytes as one: for bodies that are read whole. Sessions never join anything, they work
// on chunks as they come.

/** @param length - of all chunks together */
export function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
