// From stored bytes to one line of text for the list. Everything here is hostile: names, headers
// and bodies are shown as text that cannot move the cursor, turn the line around or hide.

import { printable } from "../format/text.js";
import type { RowKind, RowView } from "../protocol.js";

/** Bodies above this are not kept in the window: their beginning is, and their length. */
export const MAX_KEPT_BODY_BYTES = 64 * 1024;
const PREVIEW_BYTES = 400;
const PREVIEW_CHARS = 240;

/** A record as the window holds it. */
export interface KeptRecord {
  readonly seqNum: number;
  readonly timestamp: number;
  readonly kind: RowKind;
  readonly headers: readonly (readonly [name: Uint8Array, value: Uint8Array])[];
  readonly body: Uint8Array;
  readonly bodyBytes: number;
}

interface WireRecord {
  readonly seqNum: number;
  readonly timestamp: number;
  readonly headers: readonly (readonly [name: Uint8Array, value: Uint8Array])[];
  readonly body: Uint8Array;
}

const strict = new TextDecoder("utf-8", { fatal: true });
const lossy = new TextDecoder();

/** Copies what is kept: the bytes of a batch are one block that would stay whole otherwise. */
export function keep(record: WireRecord): KeptRecord {
  const { body } = record;
  const isLarge = body.length > MAX_KEPT_BODY_BYTES;
  return {
    seqNum: record.seqNum,
    timestamp: record.timestamp,
    kind: kindOf(record),
    headers: record.headers.map(([name, value]) => [name.slice(), value.slice(0, 4096)] as const),
    body: body.slice(0, isLarge ? PREVIEW_BYTES : body.length),
    bodyBytes: body.length,
  };
}

export function keptBytes({ body, headers }: KeptRecord): number {
  return headers.reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    body.length + 100,
  );
}

export function rowView(record: KeptRecord, before: KeptRecord | undefined): RowView {
  const { isText, text } = previewOf(record);
  return {
    seqNum: record.seqNum,
    timestamp: record.timestamp,
    kind: record.kind,
    preview: text,
    isText,
    bodyBytes: record.bodyBytes,
    headers: record.headers.length,
    skipped: before === undefined ? 0 : record.seqNum - before.seqNum - 1,
  };
}

/** Lower case text in which a filter is looked for. */
export function searchText(record: KeptRecord): string {
  const headers = record.headers.map(
    ([name, value]) => `${lossy.decode(name)}: ${lossy.decode(value)}`,
  );
  return `#${record.seqNum}\n${headers.join("\n")}\n${lossy.decode(record.body)}`.toLowerCase();
}

function kindOf({ headers, body }: WireRecord): RowKind {
  const [first] = headers;
  if (headers.length !== 1 || first === undefined || first[0].length > 0) return "data";
  const name = lossy.decode(first[1]);
  if (name === "fence") return "fence";
  return name === "trim" && body.length === 8 ? "trim" : "data";
}

function previewOf(record: KeptRecord): { isText: boolean; text: string } {
  if (record.kind === "trim") return { isText: true, text: `trim < ${trimPointOf(record.body)}` };
  const head = record.body.subarray(0, PREVIEW_BYTES);
  const text = textOf(head, record.body.length > PREVIEW_BYTES);
  if (record.kind === "fence") return { isText: true, text: `fence "${printable(text ?? "")}"` };
  if (text === undefined) return { isText: false, text: hexOf(head.subarray(0, 48)) };
  return { isText: true, text: printable(text.slice(0, PREVIEW_CHARS)) };
}

export function trimPointOf(body: Uint8Array): string {
  return new DataView(body.buffer, body.byteOffset, 8).getBigUint64(0).toString();
}

/** Undefined for bytes that are not text; a cut may go through a character. */
function textOf(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    return strict.decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  } finally {
    if (isCut) resetDecoder();
  }
}

/** A decoder that was stopped inside a character keeps its first bytes. */
function resetDecoder(): void {
  try {
    strict.decode();
  } catch {
    // The rest of a cut character: not wanted.
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
