import { crc32 } from "node:zlib";
import { seededRandom } from "@s2kit/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { misfitOfExtent } from "../../../../src/storage/extents/extent-proof.js";
import { checksumOf } from "../../../../src/storage/log/checksum.js";
import { EXTENT_ENTRY_BYTES } from "../../../../src/storage/log/extent.js";
import * as row from "../../../../src/storage/log/row.js";
import { DataObjectDraft } from "../../../../src/storage/object/data/data-object-draft.js";
import {
  dataNameOf,
  fileIdOf,
  MAX_DATA_EPOCH,
} from "../../../../src/storage/object/format/data-name.js";
import { decodeFooter, footerPlaceOf } from "../../../../src/storage/object/format/data-object.js";
import type { NumberedName } from "../../../../src/storage/object/format/names.js";
import { HEAD_BYTES, openObject } from "../../../../src/storage/object/format/sealed-object.js";
import { STORE_KEY } from "./arbitraries.js";

const WRITER = { incarnation: "ab".repeat(16), nonce: "cd".repeat(16) };
const NAME: NumberedName = { kind: "data", shard: 3, epoch: 7, number: 12 };

interface Batch {
  readonly streamId: number;
  readonly seqNum: number;
  readonly count: number;
  readonly bytes: number;
}

/** An object of these batches, as a rewrite puts it. */
function objectOf(batches: readonly Batch[]): Uint8Array {
  const draft = new DataObjectDraft(fileIdOf(NAME.epoch, NAME.number));
  const random = seededRandom(batches.length);
  for (const { streamId, seqNum, count, bytes } of batches) {
    const payload = random.bytes(bytes);
    const words = new Uint32Array(row.ROW_WORDS);
    words[0] = row.KIND_APPEND | (count << 16);
    words[row.WORD_LENGTH] = payload.length;
    words[row.WORD_CHECKSUM] = checksumOf(payload, 0, payload.length);
    row.setPair(words, row.WORD_STREAM, streamId);
    row.setPair(words, row.WORD_SEQ_NUM, seqNum);
    row.setPair(words, row.WORD_FIRST_TIMESTAMP, 1000 + seqNum);
    row.setPair(words, row.WORD_LAST_TIMESTAMP, 1000 + seqNum + count - 1);
    row.setPair(words, row.WORD_WRITTEN, 5 + seqNum);
    draft.add(streamId, words, 0, payload);
  }
  return Uint8Array.from(Buffer.concat(draft.seal(NAME, WRITER, STORE_KEY)));
}

function footerOf(object: Uint8Array) {
  const place = footerPlaceOf(NAME, object.subarray(0, HEAD_BYTES), STORE_KEY);
  return decodeFooter(NAME, place, object.subarray(place.offset, place.offset + place.length));
}

const bytesOf = (object: Uint8Array, { offset, length }: { offset: number; length: number }) =>
  Uint8Array.from(object.subarray(offset, offset + length));

/** Batches of streams in order, with gaps between some of them. */
const batches: fc.Arbitrary<Batch[]> = fc
  .array(
    fc.record({
      isNext: fc.boolean(),
      gap: fc.nat(2),
      count: fc.integer({ min: 1, max: 4 }),
      bytes: fc.integer({ min: 1, max: 3000 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((drafts) => {
    let streamId = 1;
    let seqNum = 0;
    return drafts.map(({ isNext, gap, count, bytes }) => {
      if (isNext) streamId++;
      const batch = { streamId, seqNum: isNext ? 0 : seqNum + gap, count, bytes };
      seqNum = batch.seqNum + count;
      return batch;
    });
  });

describe("data objects", () => {
  it("hold what was given to them: every batch is in one extent, and each extent is proven", () => {
    fc.assert(
      fc.property(batches, (given) => {
        const object = objectOf(given);
        expect(openObject(NAME, object, STORE_KEY).head.kind).toBe("data");
        const extents = footerOf(object);
        for (const extent of extents)
          expect(misfitOfExtent(extent, bytesOf(object, extent))).toBeUndefined();
        const rows = extents.reduce((sum, extent) => sum + extent.rows, 0);
        expect(rows).toBe(given.length);
        const records = extents.reduce((sum, each) => sum + each.endSeqNum - each.firstSeqNum, 0);
        expect(records).toBe(given.reduce((sum, { count }) => sum + count, 0));
      }),
    );
  });

  it("cut large streams into extents of about 1 MiB, and none short on the way", () => {
    const MIB = 1024 * 1024;
    const given = Array.from({ length: 50 }, (_, seqNum) => ({
      streamId: 1,
      seqNum,
      count: 1,
      bytes: 100_000,
    }));
    const lengths = footerOf(objectOf(given)).map(({ length }) => length);
    for (const length of lengths.slice(0, -1)) {
      expect(length).toBeGreaterThan(0.9 * MIB);
      expect(length).toBeLessThanOrEqual(MIB);
    }
    expect(lengths.length).toBe(5);
  });

  it("are refused with any bit of head, rows, payloads or entries turned", () => {
    const object = objectOf([
      { streamId: 1, seqNum: 0, count: 2, bytes: 60 },
      { streamId: 1, seqNum: 2, count: 1, bytes: 300 },
      { streamId: 9, seqNum: 4, count: 1, bytes: 10 },
    ]);
    const extents = footerOf(object);
    for (let at = 0; at < object.length; at++) {
      const turned = Uint8Array.from(object);
      turned[at] = (turned[at] as number) ^ (1 << (at % 8));
      const isNoticed = (): boolean => {
        try {
          footerOf(turned);
        } catch {
          return true;
        }
        return extents.some(
          (extent) => misfitOfExtent(extent, bytesOf(turned, extent)) !== undefined,
        );
      };
      expect(isNoticed(), `byte ${at}`).toBe(true);
    }
  });

  it("are not understood under another key, in another store, or cut short", () => {
    const object = objectOf([{ streamId: 1, seqNum: 0, count: 1, bytes: 60 }]);
    const head = object.subarray(0, HEAD_BYTES);
    expect(() => footerPlaceOf({ ...NAME, number: 13 }, head, STORE_KEY)).toThrow("another key");
    expect(() => footerPlaceOf(NAME, head, STORE_KEY + 1)).toThrow("head checksum");
    const place = footerPlaceOf(NAME, head, STORE_KEY);
    const footer = object.subarray(place.offset);
    expect(() => decodeFooter(NAME, place, footer.subarray(1))).toThrow("trailer");
    expect(() => decodeFooter(NAME, place, footer.subarray(0, -1))).toThrow("trailer");
  });

  it("are refused when an entry does not name a part of them, whatever its checksums say", () => {
    const object = objectOf([
      { streamId: 1, seqNum: 0, count: 1, bytes: 60 },
      { streamId: 2, seqNum: 0, count: 1, bytes: 60 },
    ]);
    const place = footerPlaceOf(NAME, object.subarray(0, HEAD_BYTES), STORE_KEY);
    const changed = (change: (entries: DataView) => void): (() => unknown) => {
      const footer = Uint8Array.from(object.subarray(place.offset));
      change(new DataView(footer.buffer));
      const trailer = footer.subarray(footer.length - 64);
      const view = new DataView(footer.buffer, footer.length - 64);
      view.setUint32(32, crc32(footer.subarray(0, footer.length - 64)), true);
      view.setUint32(60, crc32(trailer.subarray(0, 60)), true);
      return () => decodeFooter(NAME, place, footer);
    };
    const second = EXTENT_ENTRY_BYTES;
    const wrong: readonly ((entries: DataView) => void)[] = [
      (entries) => entries.setUint32(second, 1, true),
      (entries) => entries.setUint32(0, 0, true),
      (entries) => entries.setUint32(8, 1, true),
      (entries) => entries.setUint32(40, 9, true),
      (entries) => entries.setUint32(56, 1, true),
      (entries) => entries.setUint32(64, 97, true),
      (entries) => entries.setUint32(second + 64, 95, true),
      (entries) => entries.setUint32(72, 1, true),
      (entries) => entries.setUint32(80, 0, true),
      (entries) => entries.setUint32(second + 80, 100, true),
    ];
    expect(changed(() => undefined)).not.toThrow();
    for (const [at, change] of wrong.entries()) expect(changed(change), `${at}`).toThrow("extent");
  });
});

describe("the numbers of data objects", () => {
  it("tell epoch and number, and no two objects share one", () => {
    const name = fc.record({
      kind: fc.constant("data" as const),
      shard: fc.constant(5),
      epoch: fc.integer({ min: 1, max: MAX_DATA_EPOCH }),
      number: fc.nat(10 ** 8 - 1),
    });
    fc.assert(
      fc.property(name, (each) => {
        expect(dataNameOf(5, fileIdOf(each.epoch, each.number))).toEqual(each);
      }),
    );
    expect(fileIdOf(2, 0)).toBe(fileIdOf(1, 10 ** 8 - 1) + 1);
  });

  it("end where numbers are not exact any more", () => {
    expect(Number.isSafeInteger(fileIdOf(MAX_DATA_EPOCH, 10 ** 8 - 1))).toBe(true);
    expect(() => fileIdOf(MAX_DATA_EPOCH + 1, 0)).toThrow();
    expect(() => fileIdOf(1, 10 ** 8)).toThrow();
    for (const fileId of [0, 10 ** 8 - 1, 1.5e8 + 0.5, Number.MAX_SAFE_INTEGER, -1])
      expect(dataNameOf(0, fileId)).toBeUndefined();
  });
});
