// What a document is in its stream: each record an update of Yjs as it is, or a part of one that
// no record can hold. A header says which; a snapshot is an update that has all before its fence.
// Pure.

import { AppendRecord, type ReadRecord } from "@s2kit/client";
import { decodeUtf8Lossy, S2Error } from "@s2kit/core";

/** Bytes of an update that is one record. */
const MAX_WHOLE_BYTES: number = 512 * 1024;
/** Bytes of each of several parts. */
const PART_BYTES: number = 256 * 1024;
/** Bytes of an update: what a reader holds at most before it can apply it. */
export const MAX_UPDATE_BYTES: number = 64 * 1024 * 1024;
/** Parts of one append: with what records cost beside their bodies, below what a batch may have. */
const PARTS_AT_ONCE = 3;

const KIND = "yjs";
const PART = "yjs-part";

/** `update`: what was edited. `snapshot`: all there was before the fence it is written under. */
export type BodyKind = "snapshot" | "update";

/** Which part of which update. */
export interface Part {
  readonly id: string;
  readonly index: number;
  readonly count: number;
}

/** What a record is; `foreign`: written by none of us, or by a later one. */
export type DocumentRecord =
  | { readonly kind: "body"; readonly of: BodyKind; readonly part: Part | undefined }
  | { readonly kind: "command" }
  | { readonly kind: "fence"; readonly token: string }
  | { readonly kind: "foreign" };

/**
 * The appends of one update, in order; one, unless it is large.
 *
 * @param id - 16 hex digits that no other update has
 * @throws {S2Error} `invalid` when it exceeds {@link MAX_UPDATE_BYTES}
 */
export function appendsOf(of: BodyKind, update: Uint8Array, id: string): AppendRecord[][] {
  if (update.length > MAX_UPDATE_BYTES)
    throw new S2Error({
      code: "invalid",
      message: `an update must not exceed ${MAX_UPDATE_BYTES} bytes bytes=${update.length}`,
    });
  if (update.length <= MAX_WHOLE_BYTES)
    return [[AppendRecord.bytes({ body: update, headers: [[KIND, of]] })]];
  const count = Math.ceil(update.length / PART_BYTES);
  const records = Array.from({ length: count }, (_, index) =>
    AppendRecord.bytes({
      body: update.subarray(index * PART_BYTES, (index + 1) * PART_BYTES),
      headers: [
        [KIND, of],
        [PART, `${id}-${index}-${count}`],
      ],
    }),
  );
  const appends: AppendRecord[][] = [];
  for (let at = 0; at < count; at += PARTS_AT_ONCE)
    appends.push(records.slice(at, at + PARTS_AT_ONCE));
  return appends;
}

export function documentRecordOf({ headers, body }: ReadRecord<"bytes">): DocumentRecord {
  const [first, second] = headers.map(([name, value]) => [textOf(name), textOf(value)] as const);
  if (first === undefined) return { kind: "foreign" };
  if (headers.length === 1 && first[0] === "")
    return first[1] === "fence" ? { kind: "fence", token: textOf(body) } : { kind: "command" };
  const [name, of] = first;
  if (name !== KIND || (of !== "snapshot" && of !== "update")) return { kind: "foreign" };
  if (second === undefined) return { kind: "body", of, part: undefined };
  const part = second[0] === PART ? partOf(second[1]) : undefined;
  return part === undefined ? { kind: "foreign" } : { kind: "body", of, part };
}

function partOf(text: string): Part | undefined {
  const [, id, index, count] = /^([0-9a-f]{16})-([0-9]{1,4})-([0-9]{1,4})$/.exec(text) ?? [];
  if (id === undefined) return undefined;
  const part = { id, index: Number(index), count: Number(count) };
  const isOne = part.index < part.count && part.count * PART_BYTES <= MAX_UPDATE_BYTES;
  return isOne ? part : undefined;
}

function textOf(bytes: Uint8Array): string {
  return decodeUtf8Lossy(bytes);
}
