// Walks over JSON in bytes, token by token, as strict as `JSON.parse`, without building what is not
// asked for. Long walks pause: `skip` yields after a stretch, so that a caller can let others run
// between. Knows the grammar (RFC 8259) and nothing of what a document means.

import { decodeUtf8Lossy } from "../text/utf8.js";
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  ESCAPES,
  HEX,
  isDigit,
  LETTER_E,
  LETTER_U,
  LINE_FEED,
  MINUS,
  OPEN_ARRAY,
  OPEN_OBJECT,
  PLUS,
  POINT,
  QUOTE,
  RETURN,
  SPACE,
  TAB,
  ZERO,
} from "./json-bytes.js";
import { badJson } from "./shape.js";

/** Bytes between two pauses; the longest token may add its own length. */
export const STRETCH_BYTES: number = 64 * 1024;

const NO_BRACKETS = /* @__PURE__ */ new Uint8Array(0);
const MIN_DEPTH = 64;

/** A pausing walk: give others a turn at each yield, then go on. */
export type Walk<T = void> = Generator<undefined, T, undefined>;

export class JsonCursor {
  readonly bytes: Uint8Array;
  at = 0;
  /** Of the last string, between its quotes and as written, or of the last number. */
  textStart = 0;
  textEnd = 0;
  hasEscapes = false;
  private pauseAt = STRETCH_BYTES;
  /** Which brackets are open in a value that is skipped: one byte each. */
  private open: Uint8Array = NO_BRACKETS;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** True when it is time to give others a turn; then counts anew. */
  get isPausing(): boolean {
    if (this.at < this.pauseAt) return false;
    this.pauseAt = this.at + STRETCH_BYTES;
    return true;
  }

  /** The first byte of the next token; -1 at the end. */
  peek(): number {
    const { bytes } = this;
    let { at } = this;
    let byte = bytes[at];
    while (byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB)
      byte = bytes[++at];
    this.at = at;
    return byte ?? -1;
  }

  /** Checks that nothing follows but white space. */
  end(): void {
    if (this.peek() !== -1) throw this.unexpected();
  }

  /** Enters an object; true when it has a member, whose key is then the last string. */
  firstKey(): boolean {
    this.at++;
    if (this.peek() !== CLOSE_OBJECT) return this.key();
    this.at++;
    return false;
  }

  /** Behind a member; true when there is another, whose key is then the last string. */
  nextKey(): boolean {
    const byte = this.peek();
    if (byte !== COMMA && byte !== CLOSE_OBJECT) throw this.unexpected();
    this.at++;
    return byte === COMMA && this.key();
  }

  /** Enters an array; true when it has an element. */
  firstElement(): boolean {
    this.at++;
    if (this.peek() !== CLOSE_ARRAY) return true;
    this.at++;
    return false;
  }

  /** Behind an element; true when there is another. */
  nextElement(): boolean {
    const byte = this.peek();
    if (byte !== COMMA && byte !== CLOSE_ARRAY) throw this.unexpected();
    this.at++;
    return byte === COMMA;
  }

  /** Steps over the string at the cursor, and notes where it is. */
  string(): void {
    const { bytes } = this;
    let at = this.at + 1;
    let hasEscapes = false;
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[at]) {
      if (byte === undefined || byte < SPACE) throw this.unexpected(at);
      at++;
      if (byte !== BACKSLASH) continue;
      hasEscapes = true;
      const kind = bytes[at] ?? 0;
      if (kind === LETTER_U)
        for (const end = at + 4; at < end; )
          if (HEX[bytes[++at] ?? 0] !== 1) throw this.unexpected(at);
          else continue;
      else if (ESCAPES[kind] !== 1) throw this.unexpected(at);
      at++;
    }
    this.textStart = this.at + 1;
    this.textEnd = at;
    this.hasEscapes = hasEscapes;
    this.at = at + 1;
  }

  /** The text of the last string or number. */
  text(): string {
    if (!this.hasEscapes) return decodeUtf8Lossy(this.bytes.subarray(this.textStart, this.textEnd));
    const quoted = this.bytes.subarray(this.textStart - 1, this.textEnd + 1);
    return JSON.parse(decodeUtf8Lossy(quoted)) as string;
  }

  /** True when the last string is this one, of ASCII. */
  isText(text: string): boolean {
    if (this.hasEscapes)
      return this.textEnd - this.textStart <= 6 * text.length && this.text() === text;
    const { bytes, textStart } = this;
    if (this.textEnd - textStart !== text.length) return false;
    for (let i = 0; i < text.length; i++)
      if (bytes[textStart + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Steps over the number at the cursor, and notes where it is. */
  number(): void {
    const { bytes, at: start } = this;
    if (bytes[this.at] === MINUS) this.at++;
    if (bytes[this.at] === ZERO) this.at++;
    else this.digits();
    if (bytes[this.at] === POINT) {
      this.at++;
      this.digits();
    }
    if (((bytes[this.at] ?? 0) | 0x20) === LETTER_E) {
      this.at++;
      const sign = bytes[this.at];
      if (sign === PLUS || sign === MINUS) this.at++;
      this.digits();
    }
    this.textStart = start;
    this.textEnd = this.at;
    this.hasEscapes = false;
  }

  /** Steps over one of `true`, `false` and `null`; true for `null`. */
  word(): boolean {
    for (const word of ["null", "true", "false"])
      if (this.isWord(word)) {
        this.at += word.length;
        return word === "null";
      }
    throw this.unexpected();
  }

  /** Steps over the value at the cursor, whatever it is. */
  *skip(): Walk {
    let depth = 0;
    for (;;) {
      if (this.isPausing) yield;
      const byte = this.peek();
      let isInside = false;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        isInside = byte === OPEN_OBJECT ? this.firstKey() : this.firstElement();
        if (isInside) this.open = noted(this.open, depth++, byte);
      } else this.scalar(byte);
      // After a value: on to the next one around it, or out.
      while (!isInside && depth > 0) {
        isInside = this.open[depth - 1] === OPEN_OBJECT ? this.nextKey() : this.nextElement();
        if (!isInside) depth--;
        if (this.isPausing) yield;
      }
      if (depth === 0) return;
    }
  }

  private scalar(byte: number): void {
    if (byte === QUOTE) this.string();
    else if (byte === MINUS || isDigit(byte)) this.number();
    else this.word();
  }

  private key(): true {
    if (this.peek() !== QUOTE) throw this.unexpected();
    this.string();
    if (this.peek() !== COLON) throw this.unexpected();
    this.at++;
    return true;
  }

  /** Passes digits, at least one. */
  private digits(): void {
    const { bytes } = this;
    let { at } = this;
    while (isDigit(bytes[at])) at++;
    if (at === this.at) throw this.unexpected();
    this.at = at;
  }

  private isWord(word: string): boolean {
    for (let i = 0; i < word.length; i++)
      if (this.bytes[this.at + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  private unexpected(at: number = this.at): Error {
    const what = at >= this.bytes.length ? "unexpected end" : "unexpected byte";
    return badJson(`malformed JSON: ${what} offset=${at}`);
  }
}

function noted(stack: Uint8Array, depth: number, bracket: number): Uint8Array {
  let room = stack;
  if (depth === stack.length) {
    room = new Uint8Array(Math.max(MIN_DEPTH, depth * 2));
    room.set(stack);
  }
  room[depth] = bracket;
  return room;
}
