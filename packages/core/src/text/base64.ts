// Standard base64 with padding, strict on the way in: the `base64` record format and encryption
// keys. Written here because core runs everywhere and `atob` tolerates what the wire refuses.

import { encodeUtf8 } from "./utf8.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 0x3d;
const INVALID = 0xff;

const CHAR_OF = /* @__PURE__ */ Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));
const VALUE_OF = /* @__PURE__ */ valueTable();
const ascii = /* @__PURE__ */ new TextDecoder("latin1");

/** Standard base64, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  const whole = bytes.length - (bytes.length % 3);
  let at = 0;
  for (let i = 0; i < whole; i += 3) {
    const triple = (at8(bytes, i) << 16) | (at8(bytes, i + 1) << 8) | at8(bytes, i + 2);
    out[at++] = at8(CHAR_OF, triple >> 18);
    out[at++] = at8(CHAR_OF, (triple >> 12) & 63);
    out[at++] = at8(CHAR_OF, (triple >> 6) & 63);
    out[at++] = at8(CHAR_OF, triple & 63);
  }
  if (whole < bytes.length) {
    const isPair = bytes.length - whole === 2;
    const rest = (at8(bytes, whole) << 16) | (isPair ? at8(bytes, whole + 1) << 8 : 0);
    out[at++] = at8(CHAR_OF, rest >> 18);
    out[at++] = at8(CHAR_OF, (rest >> 12) & 63);
    out[at++] = isPair ? at8(CHAR_OF, (rest >> 6) & 63) : PAD;
    out[at++] = PAD;
  }
  return ascii.decode(out);
}

/** Decodes; undefined when the text is not padded standard base64 in canonical form. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = encodeUtf8(text);
  return decodeBase64Bytes(bytes, 0, bytes.length);
}

/** As {@link decodeBase64}, of the characters in a range of bytes. */
export function decodeBase64Bytes(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array | undefined {
  const length = end - start;
  if (length % 4 !== 0) return undefined;
  if (length === 0) return new Uint8Array(0);
  const padding = bytes[end - 1] !== PAD ? 0 : bytes[end - 2] !== PAD ? 1 : 2;
  const out = new Uint8Array((length / 4) * 3 - padding);
  const whole = padding === 0 ? end : end - 4;
  // Above 63 there is no value: one look at the end tells whether there was any.
  let all = 0;
  let at = 0;
  for (let i = start; i < whole; i += 4) {
    const a = at8(VALUE_OF, at8(bytes, i));
    const b = at8(VALUE_OF, at8(bytes, i + 1));
    const c = at8(VALUE_OF, at8(bytes, i + 2));
    const d = at8(VALUE_OF, at8(bytes, i + 3));
    all |= a | b | c | d;
    out[at] = (a << 2) | (b >> 4);
    out[at + 1] = (b << 4) | (c >> 2);
    out[at + 2] = (c << 6) | d;
    at += 3;
  }
  if (all > 63) return undefined;
  return padding === 0 || lastBytes(bytes, whole, padding, out, at) ? out : undefined;
}

/** The group before the padding: its spare bits must be zero. */
function lastBytes(
  bytes: Uint8Array,
  from: number,
  padding: number,
  out: Uint8Array,
  at: number,
): boolean {
  const a = at8(VALUE_OF, at8(bytes, from));
  const b = at8(VALUE_OF, at8(bytes, from + 1));
  const c = padding === 2 ? 0 : at8(VALUE_OF, at8(bytes, from + 2));
  const spare = padding === 2 ? b & 15 : c & 3;
  if ((a | b | c) > 63 || spare !== 0) return false;
  out[at] = (a << 2) | (b >> 4);
  if (padding === 1) out[at + 1] = (b << 4) | (c >> 2);
  return true;
}

function at8(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function valueTable(): Uint8Array {
  const table = new Uint8Array(256).fill(INVALID);
  CHAR_OF.forEach((char, value) => {
    table[char] = value;
  });
  return table;
}
