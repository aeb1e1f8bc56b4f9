import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../src/storage/disk/state/memory-state-store.js";
import {
  sealStateStore,
  sealValue,
  unsealValue,
} from "../../../src/storage/disk/state/sealed-state-store.js";
import { readStateFormat, viewState } from "../../../src/storage/disk/state/state-format.js";
import { STRICT_UPGRADE } from "../../../src/storage/disk/state/upgrade-order.js";
import { requireFormat1, upgradeState } from "../../../src/storage/disk/state/upgrade-state.js";
import { encodeExtent, encodeFileInfo } from "../../../src/storage/log/extent.js";
import {
  encodeStreamState,
  extentKey,
  fileKey,
  KEY_CHECKPOINT,
  reclaimKey,
  SPACE_META,
  streamKey,
} from "../../../src/storage/log/state-keys.js";
import type { StateStore } from "../../../src/storage/log/state-store.js";
import { keyFromString, keyToString } from "../../../src/storage/meta-key.js";

const u64 = fc.maxSafeNat();
const u32 = fc.nat({ max: 2 ** 32 - 1 });
const bytes = fc.uint8Array({ maxLength: 200 });
const key = fc.uint8Array({ minLength: 1, maxLength: 60 });
const path = "/store/state";

describe("a seal", () => {
  it("gives back the value, and does not fit another store, key or value", () => {
    fc.assert(
      fc.property(u32, key, bytes, fc.nat(), (storeKey, name, value, at) => {
        const sealed = sealValue(storeKey, name, value);
        expect(unsealValue(storeKey, name, sealed)).toEqual(value);
        expect(unsealValue((storeKey + 1) >>> 0, name, sealed)).toBeUndefined();
        const bit = at % ((name.length + sealed.length) * 8);
        const flipped = Buffer.concat([name, sealed]);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        const other = flipped.subarray(0, name.length);
        expect(unsealValue(storeKey, other, flipped.subarray(name.length))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it("does not fit when bytes move between key and value, or are cut off", () => {
    fc.assert(
      fc.property(u32, key, bytes, fc.integer({ min: 1, max: 60 }), (storeKey, name, value, by) => {
        const whole = Buffer.concat([name, sealValue(storeKey, name, value)]);
        const at = (name.length + by) % whole.length;
        if (at === name.length) return;
        expect(unsealValue(storeKey, whole.subarray(0, at), whole.subarray(at))).toBeUndefined();
        const cut = whole.subarray(name.length, whole.length - Math.min(by, value.length + 4));
        expect(unsealValue(storeKey, name, cut)).toBeUndefined();
      }),
    );
  });
});

describe("a sealed state store", () => {
  const change = fc.record({ key, value: fc.option(bytes, { nil: undefined }) });

  it("answers as a bare one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 8 }),
        key,
        fc.nat({ max: 12 }),
        async (writes, start, limit) => {
          const bare = openMemoryStateStore(new MemoryStateMedium());
          const inner = openMemoryStateStore(new MemoryStateMedium());
          const sealed = sealStateStore({ bare: inner, storeKey: 7, path });
          for (const changes of writes) {
            await bare.write(changes);
            await sealed.write(changes);
          }
          const range = { start, end: undefined, limit };
          expect(sealed.scan(range)).toEqual(bare.scan(range));
          for (const { key: name } of writes.flat())
            expect(sealed.get(name)).toEqual(bare.get(name));
        },
      ),
    );
  });

  it("refuses damaged entries, and leaves them out for a look at the rest", async () => {
    const medium = new MemoryStateMedium();
    const bare = openMemoryStateStore(medium);
    const sealed = sealStateStore({ bare, storeKey: 7, path });
    const names = Array.from({ length: 20 }, (_, at) => Uint8Array.of(2, at));
    await sealed.write(names.map((name) => ({ key: name, value: name })));
    for (const at of [3, 4, 5, 6, 19])
      medium.apply([{ key: Uint8Array.of(2, at), value: Uint8Array.of(at) }]);
    const range = { start: Uint8Array.of(2), end: undefined, limit: 5 };
    expect(() => sealed.get(Uint8Array.of(2, 4))).toThrow(
      "the state store is damaged: run verify, and restore the directory from a copy file=/store/state space=streams key=04",
    );
    expect(() => sealed.scan(range)).toThrow(/space=streams key=03$/);
    const rest = sealStateStore({ bare, storeKey: 7, path, skipsDamaged: true });
    expect(rest.get(Uint8Array.of(2, 4))).toBeUndefined();
    expect(rest.scan(range).map((entry) => entry.key[1])).toEqual([0, 1, 2, 7, 8]);
    expect(rest.scan({ ...range, limit: 100 })).toHaveLength(15);
  });

  it("does not tell keys of metadata in errors", async () => {
    const bare = openMemoryStateStore(new MemoryStateMedium());
    const name = keyFromString(`${SPACE_META}th/deadbeef`);
    await bare.write([{ key: name, value: Uint8Array.of(1, 2, 3, 4, 5) }]);
    const sealed = sealStateStore({ bare, storeKey: 7, path });
    expect(() => sealed.get(name)).toThrow(/file=\/store\/state space=metadata$/);
  });
});

describe("the upgrade of a state", () => {
  const cursor = fc.record({
    generation: u64,
    offset: u64,
    sequence: u64,
    position: u64,
    ownerEpoch: u64,
  });
  const checkpoint = fc
    .record({ replay: cursor, low: cursor, nextFileId: u64 })
    .map(
      (value) => [KEY_CHECKPOINT, Buffer.from(JSON.stringify({ version: 1, ...value }))] as const,
    );
  const metadata = fc
    .tuple(fc.uint8Array({ maxLength: 40 }), bytes)
    .map(([name, value]) => [SPACE_META + keyToString(name), value] as const);
  const stream = fc
    .tuple(u64, u64, u64, u64, u64, fc.string({ maxLength: 16 }))
    .map(([id, a, b, timestamp, lastWriteMs, fencingToken]) => {
      const tail = { seqNum: Math.max(a, b), timestamp };
      const trimPoint = Math.min(a, b);
      return [
        streamKey(id),
        encodeStreamState({ tail, trimPoint, fencingToken, lastWriteMs }),
      ] as const;
    });
  const extent = fc
    .record({
      streamId: u64,
      firstSeqNum: fc.nat(),
      endSeqNum: fc.integer({ min: 2 ** 31, max: 2 ** 40 }),
      firstTimestamp: u64,
      lastTimestamp: u64,
      oldestWrittenMs: u64,
      newestWrittenMs: u64,
      fileId: u64,
      offset: u64,
      length: u32,
      checksum: u32,
      rows: u32,
    })
    .map(
      (made) =>
        [extentKey(made.streamId, made.endSeqNum, made.fileId), encodeExtent(made)] as const,
    );
  const file = fc
    .tuple(u64, fc.record({ bytes: u64, deadBytes: u64, extents: u64 }))
    .map(([id, info]) => [fileKey(id), encodeFileInfo(info)] as const);
  const reclaim = fc
    .tuple(u64, fc.uint8Array({ minLength: 8, maxLength: 8 }))
    .map(([id, value]) => [reclaimKey(id), value] as const);
  const entries = fc.array(fc.oneof(checkpoint, metadata, stream, extent, file, reclaim), {
    maxLength: 60,
  });

  /** All entries but that of the format. */
  const contentOf = (store: StateStore) =>
    store
      .scan({ start: new Uint8Array(0), end: Uint8Array.of(6), limit: 1000 })
      .map(({ key: name, value }) => [keyToString(name), Buffer.from(value).toString("hex")]);

  it("keeps every entry, whatever it is and wherever it is cut short", async () => {
    await fc.assert(
      fc.asyncProperty(
        entries,
        fc.integer({ min: 1, max: 20 }),
        u32,
        fc.array(fc.tuple(fc.nat({ max: 4 }), fc.boolean()), { maxLength: 6 }),
        async (made, sliceEntries, storeKey, cuts) => {
          const medium = new MemoryStateMedium();
          medium.apply(made.map(([name, value]) => ({ key: keyFromString(name), value })));
          const original = contentOf(openMemoryStateStore(medium));
          const life = () => ({ bare: openMemoryStateStore(medium), storeKey, path });
          await requireFormat1(life());
          for (const [transactions, isKept] of cuts) {
            let left = transactions;
            const stopped = new Promise<void>((resolve) => {
              medium.beforeWrite = () =>
                left-- > 0 ? Promise.resolve() : new Promise<void>(() => resolve());
            });
            await Promise.race([
              stopped,
              upgradeState({ ...life(), order: STRICT_UPGRADE, sliceEntries }),
            ]);
            medium.crash(isKept ? 1 : 0);
            const state = life();
            expect(contentOf(viewState(state, readStateFormat(state)))).toEqual(original);
          }
          medium.beforeWrite = async () => {};
          await upgradeState({ ...life(), order: STRICT_UPGRADE, sliceEntries });
          await upgradeState({ ...life(), order: STRICT_UPGRADE, sliceEntries });
          const { bare } = life();
          expect(readStateFormat({ bare, storeKey, path })).toEqual({ version: 2 });
          expect(contentOf(sealStateStore({ bare, storeKey, path }))).toEqual(original);
        },
      ),
      { numRuns: 150 },
    );
  });
});
