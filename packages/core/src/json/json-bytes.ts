// The bytes that JSON is written with, by name. Called by the cursor that walks over them, and by
// decoders that stand at one.

export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const RETURN = 0x0d;
export const SPACE = 0x20;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const BACKSLASH = 0x5c;
export const LETTER_E = 0x65;
export const LETTER_U = 0x75;
export const QUOTE = 0x22;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

export const MINUS = 0x2d;
export const PLUS = 0x2b;
export const POINT = 0x2e;
export const ZERO = 0x30;

/** Characters that may stand behind a backslash, but for `u`. */
export const ESCAPES: Uint8Array = /* @__PURE__ */ tableOf('"\\/bfnrt');
export const HEX: Uint8Array = /* @__PURE__ */ tableOf("0123456789abcdefABCDEF");

export function isDigit(byte = 0): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
