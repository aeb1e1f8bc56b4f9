// Single values at a cursor: what they are, or why they are not what was expected. Called by the
// decoders of appends. Spec: data-plane#body.

import type { S2Error } from "../error.js";
import { parseU64, U64_BEYOND } from "../text/uint64.js";
import { isDigit, QUOTE } from "./json-bytes.js";
import type { JsonCursor, Walk } from "./json-cursor.js";
import { badJson } from "./shape.js";

/** A value, or why it is none. */
export type Outcome<T> = T | S2Error;

const LETTER_N = 0x6e;

/** The uint64 at the cursor, or why it is none; null is absent. */
export function* uint64At(
  cursor: JsonCursor,
  place: () => string,
): Walk<Outcome<number | undefined>> {
  const byte = cursor.peek();
  if (byte === LETTER_N && cursor.word()) return undefined;
  if (!isDigit(byte)) yield* cursor.skip();
  else {
    cursor.number();
    const value = uint64Of(cursor);
    if (value !== undefined) return value;
  }
  return badJson(`expected an unsigned 64-bit integer field=${place()}`);
}

/** The string at the cursor, or why it is none; null is absent. */
export function* stringAt(cursor: JsonCursor, field: string): Walk<Outcome<string | undefined>> {
  const byte = cursor.peek();
  if (byte === QUOTE) {
    cursor.string();
    return cursor.text();
  }
  if (byte === LETTER_N && cursor.word()) return undefined;
  yield* cursor.skip();
  return badJson(`expected a string field=${field}`);
}

/** Exact for digits alone; other forms, such as `1e3`, count as the number they round to. */
function uint64Of(cursor: JsonCursor): number | undefined {
  const { bytes, textStart, textEnd } = cursor;
  let value = 0;
  let at = textStart;
  // The digit first: with its code added, the sum would leave what is exact a little too early.
  for (; at < textEnd && isDigit(bytes[at]); at++)
    value = value * 10 + ((bytes[at] as number) - 0x30);
  if (at === textEnd && value <= Number.MAX_SAFE_INTEGER) return value;
  const text = cursor.text();
  if (at === textEnd) return parseU64(text);
  const rounded = Number(text);
  return Number.isInteger(rounded) && rounded < 2 ** 64 ? Math.min(rounded, U64_BEYOND) : undefined;
}
