// Header message: 1 name bytes, 2 value bytes; empty ones are omitted. AppendRecord holds headers
// as field 2, SequencedRecord as field 3, so the tag is an argument. Spec: data-plane#messages.

import type { Header } from "../record/record.js";
import type { WireReader } from "./wire-reader.js";
import { lengthFieldSize, writeBytesField, writeVarint } from "./wire-writer.js";

export const TAG_HEADER_NAME = 0x0a;
export const TAG_HEADER_VALUE = 0x12;
const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

/** Size of all headers as fields with a one-byte tag. */
export function headerFieldsSize(headers: readonly Header[]): number {
  let size = 0;
  for (const header of headers) size += lengthFieldSize(headerSize(header));
  return size;
}

export function writeHeaderFields(
  out: Uint8Array,
  at: number,
  tag: number,
  headers: readonly Header[],
): number {
  let next = at;
  for (const header of headers) {
    out[next] = tag;
    next = writeVarint(out, next + 1, headerSize(header));
    if (header[0].length > 0) next = writeBytesField(out, next, TAG_HEADER_NAME, header[0]);
    if (header[1].length > 0) next = writeBytesField(out, next, TAG_HEADER_VALUE, header[1]);
  }
  return next;
}

/** Reads one header field at the cursor. Name and value are views: borrowed. */
export function readHeaderField(reader: WireReader): Header {
  const outerEnd = reader.enter();
  let name: Uint8Array = NO_BYTES;
  let value: Uint8Array = NO_BYTES;
  while (!reader.isDone) {
    const tag = reader.tag();
    if (tag === TAG_HEADER_NAME) name = reader.view();
    else if (tag === TAG_HEADER_VALUE) value = reader.view();
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return [name, value];
}

function headerSize([name, value]: Header): number {
  return (
    (name.length === 0 ? 0 : lengthFieldSize(name.length)) +
    (value.length === 0 ? 0 : lengthFieldSize(value.length))
  );
}
