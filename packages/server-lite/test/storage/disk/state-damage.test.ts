import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeUtf8, systemClock } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";
import { verifyDirectory } from "../../../src/storage/disk/inspect/verify-directory.js";
import { openMemoryStateStore } from "../../../src/storage/disk/state/memory-state-store.js";
import { stateFormatChange } from "../../../src/storage/disk/state/state-format.js";
import type { StateChange, StateRange, StateStore } from "../../../src/storage/log/state-store.js";
import { keyFromString, keyToString } from "../../../src/storage/meta-key.js";
import type { MetaEntry } from "../../../src/storage/storage.js";
import { SimulatedStore, STORE } from "../crash/simulated-store.js";
import { format1Text, isFormat1, storeKeyOf } from "../upgrade/format-1-codec.js";
import { placeSimulated, readFixture, turnBackSimulated } from "../upgrade/format-1-store.js";

const FORMAT_PATH = `${STORE}/FORMAT`;
const SOUND = { isSound: true, problems: [] };

const formatOf = (store: SimulatedStore): string =>
  Buffer.from(store.disk.bytesOf(FORMAT_PATH)).toString("utf8");

describe("a state store that lost its order", () => {
  /** What damage within LMDB's pages looks like from outside: entries hide, or a read fails. */
  class LossyState implements StateStore {
    hidden = new Set<string>();
    /** Walks find the second key in the place of the first. */
    swapped: readonly [string, string] | undefined;
    failure: Error | undefined;
    private readonly bare: StateStore;
    constructor(bare: StateStore) {
      this.bare = bare;
    }
    get(key: Uint8Array): Uint8Array | undefined {
      if (this.failure !== undefined) throw this.failure;
      return this.hidden.has(keyToString(key)) ? undefined : this.bare.get(key);
    }
    scan(range: StateRange): MetaEntry[] {
      if (this.failure !== undefined) throw this.failure;
      return this.bare
        .scan(range)
        .filter(({ key }) => !this.hidden.has(`scan ${keyToString(key)}`))
        .map((entry) => {
          if (keyToString(entry.key) !== this.swapped?.[0]) return entry;
          const key = keyFromString(this.swapped[1]);
          return { key, value: this.bare.get(key) ?? entry.value };
        });
    }
    count(): number {
      return this.bare.count();
    }
    write(changes: readonly StateChange[]): Promise<void> {
      return this.bare.write(changes);
    }
    close(): Promise<void> {
      return this.bare.close();
    }
  }

  async function lossyStore(): Promise<[SimulatedStore, LossyState]> {
    const store = new SimulatedStore();
    placeSimulated(store, await readFixture());
    return [store, new LossyState(openMemoryStateStore(store.medium))];
  }

  const META = "\u0001key/1";

  it("is found by verify: an entry that no walk or no key leads to, or a page that is not there", async () => {
    const [store, state] = await lossyStore();
    const verify = () => verifyDirectory({ ...store.directory, openState: () => state });
    const { stateEntries: entries, ...sound } = await verify();
    expect(sound).toMatchObject(SOUND);
    state.hidden = new Set([META]);
    expect((await verify()).problems).toEqual([
      { file: "state", what: "an entry is not found by its key space=metadata" },
    ]);
    state.hidden = new Set([`scan ${META}`]);
    expect((await verify()).problems).toEqual([
      { file: "state", what: `entries are missing found=${entries - 1} counted=${entries}` },
    ]);
    state.hidden = new Set();
    state.swapped = [META, "\u0001key/0"];
    expect((await verify()).problems[0]).toEqual({
      file: "state",
      what: "an entry is out of order space=metadata",
    });
    state.swapped = undefined;
    state.failure = new Error("MDB_PAGE_NOTFOUND");
    expect((await verify()).problems).toEqual([
      { file: "state", what: "the state store cannot be read cause=Error: MDB_PAGE_NOTFOUND" },
    ]);
  });

  it("is not upgraded, and gives a coded error to whoever reads it", async () => {
    const [store, state] = await lossyStore();
    const open = () => store.open({ openState: () => state });
    state.hidden = new Set([`scan ${META}`]);
    await expect(open()).rejects.toThrow(/cannot be upgraded, .* found=entries are missing/);
    expect(isFormat1(formatOf(store))).toBe(true);
    state.hidden = new Set();
    const storage = await open();
    state.swapped = [META, "\u0001key/0"];
    expect(() => storage.scanMeta({ prefix: new Uint8Array(0), limit: 100 })).toThrow(
      /\[storage\] the state store is damaged: run verify.*space=metadata/,
    );
    state.swapped = undefined;
    state.failure = new Error("MDB_PAGE_NOTFOUND");
    expect(() => storage.getMeta(encodeUtf8("key/1"))).toThrow(
      /\[storage\] the state store cannot be read: run verify.*file=\/store\/state cause=.*MDB_PAGE/,
    );
    state.failure = undefined;
    await storage.close();
  });

  it("is refused with a code when the file is none of LMDB", async () => {
    const directory = await mkdtemp(join(tmpdir(), "s2kit-upgrade-"));
    try {
      const open = () =>
        openDiskStorage({ directory, clock: systemClock, segmentBytes: 4 * 1024 * 1024 });
      await (await open()).close();
      await writeFile(join(directory, "state", "data.mdb"), "x".repeat(10_000));
      const refusal = /\[storage\] the state store is damaged.*file=.*data\.mdb offset=0/;
      await expect(open()).rejects.toThrow(refusal);
      await expect(verifyDirectory({ directory })).rejects.toThrow(refusal);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe("a state that does not belong to its directory", () => {
  async function closedStore(): Promise<SimulatedStore> {
    const store = new SimulatedStore();
    const storage = await store.open();
    await storage.whenDurable(
      storage.commit([{ kind: "put", key: encodeUtf8("a"), value: encodeUtf8("a") }]).position,
    );
    await storage.close();
    return store;
  }

  async function expectRefusal(store: SimulatedStore, message: RegExp): Promise<void> {
    await expect(store.open()).rejects.toMatchObject({ code: "storage", status: 500 });
    await expect(store.open()).rejects.toThrow(message);
  }

  it("is refused when it is of format 1 and FORMAT says 2", async () => {
    const store = await closedStore();
    const text = formatOf(store);
    turnBackSimulated(store);
    store.disk.place(FORMAT_PATH, encodeUtf8(text));
    await expectRefusal(store, /older format than the directory.*file=\/store\/state/);
    await expect(verifyDirectory(store.directory)).rejects.toThrow(/older format/);
  });

  it("is refused when it is of another store", async () => {
    const store = await closedStore();
    const key = storeKeyOf(formatOf(store)) + 1;
    store.disk.place(FORMAT_PATH, encodeUtf8(format1Text(key)));
    await expectRefusal(store, /state store is damaged.*file=\/store\/state space=format/);
    const report = await verifyDirectory(store.directory);
    expect(report.problemCount).toBe(report.stateEntries);
  });

  it("is refused when it is gone and the log is not", async () => {
    const store = await closedStore();
    store.medium.entries.clear();
    await expectRefusal(store, /state store is missing, and the log is not/);
  });

  it("is refused when it is newer than this version", async () => {
    const store = await closedStore();
    store.medium.apply([stateFormatChange(storeKeyOf(formatOf(store)), { version: 3 })]);
    await expectRefusal(store, /newer version: upgrade s2kit.*format=3 supported=2/);
  });
});
