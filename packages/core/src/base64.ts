// Standard base64 with padding, strict on the way in: the `base64` record format and encryption
// keys. Written here because core runs everywhere and `atob` tolerates what the wire refuses.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 0x3d;
const INVALID = 0xff;

const CHAR_OF = /* @__PURE__ */ Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));
const VALUE_OF = /* @__PURE__ */ valueTable();
const ascii = /* @__PURE__ */ new TextDecoder("latin1");

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
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const out = new Uint8Array((text.length / 4) * 3 - padding);
  const end = text.length - padding;
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? at8(VALUE_OF, code) : INVALID;
    if (value === INVALID) return undefined;
    held = ((held << 6) | value) & 0xff_ffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = held >> bits;
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? out : undefined;
}

function at8(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

function valueTable(): Uint8Array {
  const table = new Uint8Array(128).fill(INVALID);
  CHAR_OF.forEach((char, value) => {
    table[char] = value;
  });
  return table;
}
