// Text as records: no piece breaks a character in two, though chunks of a model may, and none is
// larger than a record may be. Pure.

import { utf8ByteLength } from "@s2kit/client";

/** Bytes of text in a record: far below what a record may have, and few enough to send at once. */
const MAX_PIECE_BYTES: number = 256 * 1024;
/** A UTF-16 unit is at most three bytes of UTF-8. */
const MAX_PIECE_UNITS: number = Math.floor(MAX_PIECE_BYTES / 3);

/** Cuts the chunks of one text. */
export class Pieces {
  /** The first half of a character whose second half comes with the next chunk. */
  #half = "";

  /** What can be written of the text so far; nothing for an empty chunk. */
  push(chunk: string): string[] {
    const text = this.#half + chunk;
    const isCut = isHighSurrogate(text, text.length - 1);
    this.#half = isCut ? text.slice(-1) : "";
    return cut(isCut ? text.slice(0, -1) : text);
  }

  /** What is left when the text is over: at most a half, which no UTF-8 can say. */
  end(): string[] {
    const left = this.#half;
    this.#half = "";
    return left === "" ? [] : [left];
  }
}

function cut(text: string): string[] {
  if (text === "") return [];
  if (text.length <= MAX_PIECE_UNITS || utf8ByteLength(text) <= MAX_PIECE_BYTES) return [text];
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + MAX_PIECE_UNITS, text.length);
    if (end < text.length && isHighSurrogate(text, end - 1)) end--;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00;
}
