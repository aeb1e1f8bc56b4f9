// JSON in the log and in the state store. Checksums and seals say that it is what was written, not
// that it is what this version reads: who takes it looks at its shape. Pure.

/** The value; undefined for bytes that are no JSON. */
export function storedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
