import { S2Error, seededRandom } from "@s2kit/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogScan } from "../../../src/storage/disk/log/log-scan.js";
import {
  decodeFileInfo,
  encodeExtent,
  encodeFileInfo,
  readExtent,
} from "../../../src/storage/log/extent.js";
import {
  GROUP_HEADER_BYTES,
  readGroupHeader,
  readU64,
  viewOf,
  writeGroupHeader,
  writeU64,
} from "../../../src/storage/log/group.js";
import { STRICT_PROOF } from "../../../src/storage/log/group-proof.js";
import {
  decodeStreamState,
  encodeStreamState,
  extentKey,
  streamKey,
  u64Key,
  u64OfKey,
} from "../../../src/storage/log/state-keys.js";
import { appendOf } from "../../../src/testing/append-source.js";
import { FaultyDisk } from "../../../src/testing/faulty-disk.js";
import { SimulatedStore, STORE } from "../crash/simulated-store.js";

const u64 = fc.maxSafeNat();
const u32 = fc.nat({ max: 2 ** 32 - 1 });

describe("group headers", () => {
  const header = fc.record({
    generation: u64,
    sequence: u64,
    position: u64,
    ownerEpoch: u64,
    length: fc.integer({ min: 2 ** 20, max: 2 ** 32 - 1 }),
    commits: u32,
    rows: fc.nat({ max: 1000 }),
    rowsChecksum: u32,
  });

  it("come back as they were written", () => {
    fc.assert(
      fc.property(header, u32, (value, key) => {
        const bytes = new Uint8Array(GROUP_HEADER_BYTES);
        writeGroupHeader(bytes, value, key);
        expect(readGroupHeader(bytes, key)).toEqual(value);
      }),
    );
  });

  it("are refused after any flipped bit, and with the key of another store", () => {
    fc.assert(
      fc.property(header, u32, fc.nat({ max: 511 }), (value, key, bit) => {
        const bytes = new Uint8Array(GROUP_HEADER_BYTES);
        writeGroupHeader(bytes, value, key);
        expect(readGroupHeader(bytes, (key ^ 1) >>> 0)).toBeUndefined();
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(readGroupHeader(bytes, key)).toBeUndefined();
      }),
    );
  });

  it("hold numbers up to 2^53 - 1 exactly", () => {
    fc.assert(
      fc.property(u64, (value) => {
        const view = viewOf(new Uint8Array(8));
        writeU64(view, 0, value);
        expect(readU64(view, 0)).toBe(value);
        expect(Number(view.getBigUint64(0, true))).toBe(value);
      }),
    );
  });
});

describe("state keys", () => {
  it("order as their numbers do and come back", () => {
    fc.assert(
      fc.property(u64, u64, (a, b) => {
        expect(u64OfKey(`x${u64Key(a)}`, 1)).toBe(a);
        expect(u64Key(a) < u64Key(b)).toBe(a < b);
        expect(streamKey(a) < streamKey(b)).toBe(a < b);
      }),
    );
  });

  it("order extents by stream, then by end, then by file", () => {
    fc.assert(
      fc.property(fc.array(u64, { minLength: 6, maxLength: 6 }), (n) => {
        const [a, b] = [n.slice(0, 3), n.slice(3)] as [number[], number[]];
        const at = a.findIndex((value, index) => value !== b[index]);
        const isLess = at >= 0 && (a[at] as number) < (b[at] as number);
        const key = (parts: number[]) => extentKey(parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0);
        expect(key(a) < key(b)).toBe(isLess);
      }),
    );
  });
});

describe("state values", () => {
  it("come back as they were written", () => {
    const state = fc.record({
      tail: fc.record({ seqNum: u64, timestamp: u64 }),
      trimPoint: u64,
      fencingToken: fc.string({ unit: "grapheme", maxLength: 12 }),
      lastWriteMs: u64,
    });
    fc.assert(
      fc.property(state, (value) => {
        expect(decodeStreamState(encodeStreamState(value))).toEqual(value);
      }),
    );
    const extent = fc.record({
      streamId: u64,
      firstSeqNum: u64,
      endSeqNum: u64,
      firstTimestamp: u64,
      lastTimestamp: u64,
      oldestWrittenMs: u64,
      newestWrittenMs: u64,
      fileId: u64,
      offset: u64,
      length: u32,
      checksum: u32,
      rows: u32,
    });
    fc.assert(
      fc.property(extent, (value) => {
        expect(readExtent(encodeExtent(value), 0)).toEqual(value);
      }),
    );
    const info = fc.record({ bytes: u64, deadBytes: u64, extents: u64 });
    fc.assert(
      fc.property(info, (value) => {
        expect(decodeFileInfo(encodeFileInfo(value))).toEqual(value);
      }),
    );
  });
});

describe("the log reader", () => {
  const CURSOR = { generation: 1, offset: 0, sequence: 1, position: 1, ownerEpoch: 0 };

  async function scan(bytes: Uint8Array, storeKey: number): Promise<number> {
    const disk = new FaultyDisk({ random: seededRandom(1) }).mount();
    const file = await disk.open("/x/wal/1.seg", { create: true });
    await file.write(bytes, 0);
    const reader = new LogScan(file, CURSOR, {
      storeKey,
      fileBytes: bytes.length,
      proof: STRICT_PROOF,
    });
    let groups = 0;
    for (let group = await reader.next(); group !== undefined; group = await reader.next())
      groups++;
    expect(reader.misfit).not.toBe("");
    return groups;
  }

  it("takes any bytes without throwing, hanging or growing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 20_000 }), async (bytes) => {
        expect(await scan(bytes, 7)).toBe(0);
      }),
    );
  });

  it("takes headers with hostile lengths, even when their checksum is right", async () => {
    await fc.assert(
      fc.asyncProperty(u32, u32, u32, fc.nat({ max: 9 }), async (length, rows, commits, fill) => {
        const bytes = new Uint8Array(3 * 4096).fill(fill);
        const header = { generation: 1, sequence: 1, position: 1, ownerEpoch: 1 };
        writeGroupHeader(bytes, { ...header, length, rows, commits, rowsChecksum: 0 }, 7);
        expect(await scan(bytes, 7)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it("ends where an owner writes that has been passed", async () => {
    const empty = { position: 1, length: GROUP_HEADER_BYTES, rows: 0, commits: 0, rowsChecksum: 0 };
    const groups = async (...epochs: number[]): Promise<number> => {
      const bytes = new Uint8Array((epochs.length + 1) * 4096);
      epochs.forEach((ownerEpoch, at) => {
        const header = { ...empty, generation: 1, sequence: 1 + at, ownerEpoch };
        writeGroupHeader(bytes.subarray(at * 4096), header, 7);
      });
      return scan(bytes, 7);
    };
    expect(await groups(1, 1, 3)).toBe(3);
    expect(await groups(1, 3, 2)).toBe(2);
    expect(await groups(1, 3, 2, 3)).toBe(2);
  });

  it("opens or refuses a log with any stretch overwritten, and never shows foreign bytes", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]);
    for (let seqNum = 0; seqNum < 8; seqNum++) {
      const { position } = storage.commit([
        appendOf({ streamId: 1, firstSeqNum: seqNum, bodies: [`record ${seqNum}`] }),
      ]);
      await storage.whenDurable(position);
    }
    const path = `${STORE}/wal/000000000001.seg`;
    const stretch = fc.tuple(
      fc.nat({ max: 40_000 }),
      fc.uint8Array({ minLength: 1, maxLength: 600 }),
    );
    await fc.assert(
      fc.asyncProperty(stretch, async ([offset, bytes]) => {
        const copy = store.clone();
        const disk = copy.disk.mount();
        const file = await disk.open(path);
        await file.write(bytes, offset);
        await file.sync();
        try {
          const opened = await copy.open();
          const batches = await opened.read(1, 0, { maxBytes: 1 << 20, endSeqNum: 100 });
          batches.forEach((batch, at) => {
            expect(batch.firstSeqNum).toBe(at);
            expect(Buffer.from(batch.bytes).toString("latin1")).toContain(`record ${at}`);
          });
        } catch (error) {
          expect(error).toBeInstanceOf(S2Error);
        }
      }),
      { numRuns: 300 },
    );
  });
});
