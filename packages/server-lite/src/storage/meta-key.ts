// Metadata keys as latin1 strings and back: one character per byte, so that string order is byte
// order and a key can index a Map. Pure.

export function keyToString(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString("latin1");
}

export function keyFromString(key: string): Uint8Array {
  return Uint8Array.from(Buffer.from(key, "latin1"));
}

/** The smallest string above the key: what an exclusive scan starts from. */
export function keyAfter(key: string): string {
  return `${key}\0`;
}

/** The smallest string above all that start with the prefix; undefined when there is none. */
export function endOfPrefix(prefix: string): string | undefined {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xff) end--;
  if (end === 0) return undefined;
  return prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1);
}
