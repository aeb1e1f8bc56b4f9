// Data objects of the object engine, as they come back from a bucket. Checksums of head, footer and trailer
// are made to fit again now and then, so that what lies behind the proofs is reached too.

import { crc32 } from "node:zlib";
// @boundaries-ignore the fuzzer feeds what no face shows
import { misfitOfExtent } from "../../../../packages/server-lite/src/storage/extents/extent-proof.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { checksumOf } from "../../../../packages/server-lite/src/storage/log/checksum.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { readU64, viewOf } from "../../../../packages/server-lite/src/storage/log/group.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import * as row from "../../../../packages/server-lite/src/storage/log/row.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { DataObjectDraft } from "../../../../packages/server-lite/src/storage/object/data/data-object-draft.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { fileIdOf } from "../../../../packages/server-lite/src/storage/object/format/data-name.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  decodeFooter,
  footerPlaceOf,
} from "../../../../packages/server-lite/src/storage/object/format/data-object.js";
import { agree, type Entry, lateOutcomeOf, utf8, wordFor } from "../engine/entry.js";

const STORE_KEY = 0x5eed;
const HEAD_BYTES = 96;
const TRAILER_BYTES = 64;
const NAME = { kind: "data", shard: 1, epoch: 2, number: 3 } as const;
const WRITER = { incarnation: "ab".repeat(16), nonce: "cd".repeat(16) };

function objectOf(streams: readonly number[], batches: number): Uint8Array {
  const draft = new DataObjectDraft(fileIdOf(NAME.epoch, NAME.number));
  for (const stream of streams)
    for (let seqNum = 0; seqNum < batches; seqNum++) {
      const payload = utf8.encode(`batch ${seqNum} of ${stream}`);
      const words = new Uint32Array(row.ROW_WORDS);
      words[0] = row.KIND_APPEND | (1 << 16);
      words[row.WORD_LENGTH] = payload.length;
      words[row.WORD_CHECKSUM] = checksumOf(payload, 0, payload.length);
      row.setPair(words, row.WORD_STREAM, stream);
      row.setPair(words, row.WORD_SEQ_NUM, seqNum);
      draft.add(stream, words, 0, payload);
    }
  return Uint8Array.from(Buffer.concat(draft.seal(NAME, WRITER, STORE_KEY)));
}

/** Head, footer and trailer with checksums that fit. */
function resealed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < HEAD_BYTES + TRAILER_BYTES) return bytes;
  const object = Uint8Array.from(bytes);
  const trailer = object.subarray(object.length - TRAILER_BYTES);
  const view = viewOf(trailer);
  const footerAt = readU64(view, 16);
  if (footerAt <= object.length - TRAILER_BYTES)
    view.setUint32(32, crc32(object.subarray(footerAt, object.length - TRAILER_BYTES)), true);
  view.setUint32(60, crc32(trailer.subarray(0, 60)), true);
  const head = viewOf(object);
  head.setUint32(76, object.length - HEAD_BYTES, true);
  head.setUint32(HEAD_BYTES - 4, crc32(object.subarray(0, HEAD_BYTES - 4), STORE_KEY), true);
  return object;
}

export const dataObjects: Entry = {
  name: "data-objects",
  reads: "data objects of a bucket: head, entries, extents",
  seeds: () => ({
    "one extent": objectOf([1], 2),
    "two extents": objectOf([1, 2], 1),
    "many batches": objectOf([7], 12),
  }),
  restructure: (bytes) => resealed(bytes),
  async check(bytes) {
    const found = await lateOutcomeOf(async () => {
      const place = footerPlaceOf(NAME, bytes.subarray(0, HEAD_BYTES), STORE_KEY);
      const footer = bytes.subarray(place.offset, place.offset + place.length);
      return decodeFooter(NAME, place, footer);
    });
    if (found.kind === "refused") return wordFor(found, "");
    const words = new Set<string>();
    for (const extent of found.value) {
      const { offset, length } = extent;
      agree("an entry names a part", offset + length <= bytes.length, true);
      const misfit = misfitOfExtent(
        extent,
        Uint8Array.from(bytes.subarray(offset, offset + length)),
      );
      words.add(misfit?.split("=")[0] ?? "whole");
    }
    return `${Math.min(3, found.value.length)} ${[...words].sort().join(" ")}`;
  },
};
