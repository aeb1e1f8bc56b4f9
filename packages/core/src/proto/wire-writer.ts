// Protobuf wire format, writing side: free functions that write at an offset and return the next
// one. Encoders measure first and write once into a buffer of the exact size, so nothing grows and
// nothing is copied twice. Callers own the bounds: every `write` has a `size` that says its need.

/** Four groups of seven bits: what fits a small integer, so that large values divide only once. */
const LOW_GROUPS = 0x1000_0000;

/** Bytes that a varint of this value (0 to 2^53) takes. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < LOW_GROUPS) return 4;
  const high = (value / LOW_GROUPS) | 0;
  if (high < 0x80) return 5;
  if (high < 0x4000) return 6;
  return high < 0x20_0000 ? 7 : 8;
}

/** Writes a value from 0 to 2^53 and returns the offset behind it. */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  if (value >= LOW_GROUPS) {
    const high = (value / LOW_GROUPS) | 0;
    const low = value - high * LOW_GROUPS;
    out[next] = (low & 0x7f) | 0x80;
    out[next + 1] = (low >>> 7) | 0x80;
    out[next + 2] = (low >>> 14) | 0x80;
    out[next + 3] = (low >>> 21) | 0x80;
    next += 4;
    rest = high;
  }
  while (rest >= 0x80) {
    out[next++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[next++] = rest;
  return next;
}

/** Bytes of a length-delimited field with a one-byte tag. */
export function lengthFieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

/** Writes tag, length and content of a length-delimited field. */
export function writeBytesField(
  out: Uint8Array,
  at: number,
  tag: number,
  content: Uint8Array,
): number {
  out[at] = tag;
  const start = writeVarint(out, at + 1, content.length);
  out.set(content, start);
  return start + content.length;
}

/** Copies a range between buffers; short ranges by loop, since a view costs more than they do. */
export function copyRange(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  if (end - start >= MIN_VIEW_COPY_BYTES) target.set(viewOf(source, start, end), at);
  else for (let i = start, j = at; i < end; i++, j++) target[j] = source[i] as number;
  return at + end - start;
}

const MIN_VIEW_COPY_BYTES = 48;

/** A plain view: cheaper than `subarray`, and never a subclass of Uint8Array. */
export function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
