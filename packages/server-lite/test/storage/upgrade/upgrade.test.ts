import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeUtf8, seededRandom, systemClock } from "@s2kit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStorage } from "../../../src/open-storage.js";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";
import { inspectDirectory } from "../../../src/storage/disk/inspect/inspect-directory.js";
import { verifyDirectory } from "../../../src/storage/disk/inspect/verify-directory.js";
import type { UpgradeProgress } from "../../../src/storage/disk/state/upgrade-state.js";
import type { StateChange } from "../../../src/storage/log/state-store.js";
import { UNSHARED_ROOM } from "../../../src/storage/reading/cache-room.js";
import { FaultyDisk } from "../../../src/testing/faulty-disk.js";
import { SimulatedStore, STORE } from "../crash/simulated-store.js";
import { isFormat1, readAsFormat1 } from "./format-1-codec.js";
import {
  answersOf,
  placeFixture,
  placeSimulated,
  readFixture,
  turnBack,
  turnBackSimulated,
} from "./format-1-store.js";

const FORMAT_PATH = `${STORE}/FORMAT`;
const SOUND = { isSound: true, problems: [] };

const formatOf = (store: SimulatedStore): string =>
  Buffer.from(store.disk.bytesOf(FORMAT_PATH)).toString("utf8");

describe("a directory that format 1 wrote", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "s2kit-upgrade-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const open = (onUpgrade?: (progress: UpgradeProgress) => void) =>
    openDiskStorage({
      directory,
      clock: systemClock,
      segmentBytes: 64 * 1024,
      allowsSmallSegments: true,
      upgradeSliceEntries: 10,
      ...(onUpgrade === undefined ? {} : { onUpgrade }),
    });

  it("is sound to verify and inspect as it is, and they leave it so", async () => {
    const fixture = await readFixture();
    await placeFixture(directory, fixture);
    const entries = fixture.state.length;
    expect(await verifyDirectory({ directory })).toMatchObject({ ...SOUND, stateEntries: entries });
    expect(await inspectDirectory({ directory })).toMatchObject({ formatVersion: 1, streams: 4 });
    expect(isFormat1(await readFile(join(directory, "FORMAT"), "utf8"))).toBe(true);
  });

  it("answers after its upgrade as it did before, at once and after a restart", async () => {
    const fixture = await readFixture();
    await placeFixture(directory, fixture);
    const progress: UpgradeProgress[] = [];
    const storage = await open((step) => progress.push(step));
    expect(await answersOf(storage)).toEqual(fixture.answers);
    const entries = fixture.state.length;
    expect(progress.map((step) => step.entries)).toEqual([10, 20, 30, entries, entries]);
    expect(progress.at(-1)).toEqual({ from: 1, to: 2, entries, isDone: true });
    await storage.close();
    expect(await verifyDirectory({ directory })).toMatchObject(SOUND);
    const inspection = await inspectDirectory({ directory });
    expect(inspection).toMatchObject({ formatVersion: 2, upgradedFrom: undefined, streams: 4 });
    const again = await open(() => expect.fail("an upgrade comes once"));
    expect(await answersOf(again)).toEqual(fixture.answers);
    await again.close();
  });

  it("is refused by format 1 from the first moment of its upgrade on", async () => {
    await placeFixture(directory, await readFixture());
    const path = join(directory, "FORMAT");
    const texts: string[] = [];
    await (await open(() => texts.push(readFileSync(path, "utf8")))).close();
    texts.push(await readFile(path, "utf8"));
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts)
      expect(() => readAsFormat1(text, path)).toThrow(
        `the data directory was written by a newer version: upgrade s2kit, or restore a copy path=${path} format=2 supported=1`,
      );
  });

  it("is upgraded with a word to the log at its begin and end", async () => {
    await placeFixture(directory, await readFixture());
    const lines: [object, string][] = [];
    const info = (fields: object, message: string) => void lines.push([fields, message]);
    const components = {
      clock: systemClock,
      random: seededRandom(1),
      logger: { info, warn: info, error: info },
      cacheRoom: UNSHARED_ROOM,
    };
    const settings = { kind: "disk", directory, segmentBytes: 4 * 1024 * 1024 } as const;
    for (const storage of (await openStorage(settings, components)).storages) await storage.close();
    const entries = (await readFixture()).state.length;
    expect(lines).toEqual([
      [{ directory, from: 1, to: 2, entries }, "data directory is being upgraded"],
      [{ directory, from: 1, to: 2, entries }, "data directory is upgraded"],
    ]);
    for (const storage of (await openStorage(settings, components)).storages) await storage.close();
    expect(lines).toHaveLength(2);
  });

  it("goes back and forth on LMDB without a loss", async () => {
    const fixture = await readFixture();
    await placeFixture(directory, fixture);
    for (let round = 0; round < 3; round++) {
      const storage = await open();
      expect(await answersOf(storage)).toEqual(fixture.answers);
      await storage.close();
      await turnBack(directory);
      expect(await verifyDirectory({ directory })).toMatchObject(SOUND);
    }
  });
});

describe("an upgrade", () => {
  const sliced = { upgradeSliceEntries: 7 };

  async function format1Store(seed = 1): Promise<SimulatedStore> {
    const store = new SimulatedStore(new FaultyDisk({ random: seededRandom(seed) }));
    placeSimulated(store, await readFixture());
    return store;
  }

  it("survives a crash at each of its steps, by a kill and by a power loss", async () => {
    const { answers } = await readFixture();
    const counting = await format1Store();
    await (await counting.open(sliced)).close();
    const labels = [...counting.disk.reached.values()].reduce((sum, count) => sum + count, 0);
    let begun = 0;
    for (const kind of ["kill", "power"] as const)
      for (let call = 1; call <= labels + 6; call++) {
        const store = await format1Store(call);
        store.medium.beforeWrite = () => store.disk.point("state transaction");
        store.medium.isStopped = () => store.disk.hasCrashed;
        store.disk.crashAfter(call);
        await Promise.race([store.open(sliced), store.disk.crash]).catch(() => undefined);
        if (!store.disk.hasCrashed) continue;
        store.medium.crash(call % (store.medium.pending.length + 1));
        store.disk.restart(kind);
        const hasSeals = store.medium.entries.has("\u0006");
        if (hasSeals) begun++;
        expect(hasSeals && isFormat1(formatOf(store)), `${kind} ${call}`).toBe(false);
        expect(await verifyDirectory(store.directory), `${kind} ${call}`).toMatchObject(SOUND);
        const storage = await store.open(sliced);
        expect(await answersOf(storage), `${kind} ${call}`).toEqual(answers);
        await storage.close();
        expect(formatOf(store)).toMatch(/ format=2 key=\d+ check=/);
      }
    expect(begun).toBeGreaterThan(20);
  });

  it("that stopped halfway is seen by inspect, and is finished by the next start", async () => {
    const { answers } = await readFixture();
    const store = await format1Store();
    let transactions = 0;
    store.medium.beforeWrite = async () => {
      if (++transactions > 2)
        throw Object.assign(new Error("ENOSPC: no space"), { code: "ENOSPC" });
    };
    await expect(store.open(sliced)).rejects.toThrow(
      /\[storage\] the upgrade .* stopped, what is done is kept: .*start again.*ENOSPC/,
    );
    expect(await inspectDirectory(store.directory)).toMatchObject({
      formatVersion: 2,
      upgradedFrom: 1,
      streams: 4,
    });
    store.medium.beforeWrite = async () => {};
    const progress: UpgradeProgress[] = [];
    const storage = await store.open({ ...sliced, onUpgrade: (step) => progress.push(step) });
    expect(progress.at(-1)?.entries).toBe((await readFixture()).state.length - 14);
    expect(await answersOf(storage)).toEqual(answers);
    await storage.close();
  });

  it("works in transactions of bounded number and bytes", async () => {
    const store = new SimulatedStore();
    const storage = await store.open({ segmentBytes: 4 * 1024 * 1024 });
    for (let at = 0; at < 30; at++) {
      const { position } = storage.commit([
        { kind: "put", key: encodeUtf8(`large/${at}`), value: new Uint8Array(500_000).fill(at) },
      ]);
      await storage.whenDurable(position);
    }
    for (let at = 0; at < 300; at++)
      storage.commit([{ kind: "put", key: encodeUtf8(`small/${at}`), value: encodeUtf8("x") }]);
    await storage.close();
    turnBackSimulated(store);
    const written: (readonly StateChange[])[] = [];
    store.medium.beforeWrite = async (changes) => void written.push(changes);
    const again = await store.open({ segmentBytes: 4 * 1024 * 1024, upgradeSliceEntries: 50 });
    await again.close();
    const upgrade = written.filter((changes) => changes.some(({ key }) => key[0] === 6));
    const bytesOf = (changes: readonly StateChange[]): number =>
      changes.reduce((sum, change) => sum + (change.value?.length ?? 0), 0);
    expect(Math.max(...upgrade.map((changes) => changes.length))).toBe(51);
    expect(Math.max(...upgrade.map(bytesOf))).toBeLessThan(5_000_000);
    expect(upgrade.reduce((sum, changes) => sum + bytesOf(changes), 0)).toBeGreaterThan(15_000_000);
  });

  it("refuses what format 1 cannot have, and changes nothing", async () => {
    const { state } = await readFixture();
    const broken: [string, (value: Uint8Array) => Uint8Array][] = [
      ["checkpoint", (value) => value.subarray(1)],
      ["streams", (value) => value.subarray(0, 31)],
      ["streams", (value) => Uint8Array.from(value).fill(0xff, 0, 8)],
      ["extents", (value) => Uint8Array.from(value).fill(9, 0, 1)],
      ["extents", (value) => Uint8Array.from(value).fill(9, 95)],
      ["files", (value) => Buffer.concat([value, value])],
    ];
    for (const [space, breakIt] of broken) {
      const store = await format1Store();
      const at = ["checkpoint", "metadata", "streams", "extents", "files"].indexOf(space);
      const [key = "", value = ""] = state.find(([hex]) => hex.startsWith(`0${at}`)) ?? [];
      store.medium.apply([
        { key: Buffer.from(key, "hex"), value: breakIt(Buffer.from(value, "hex")) },
      ]);
      const before = [...store.medium.entries.from("")];
      await expect(store.open()).rejects.toThrow(
        new RegExp(`damaged and cannot be upgraded, nothing was changed: .*space=${space}`),
      );
      expect([...store.medium.entries.from("")]).toEqual(before);
      expect(isFormat1(formatOf(store))).toBe(true);
      expect((await verifyDirectory(store.directory)).problems[0]).toMatchObject({ file: "state" });
    }
  });

  it("is not begun twice when FORMAT comes from a copy that is older than the state", async () => {
    const { answers } = await readFixture();
    const store = await format1Store();
    const old = formatOf(store);
    await (await store.open(sliced)).close();
    store.disk.place(FORMAT_PATH, encodeUtf8(old));
    const storage = await store.open(sliced);
    expect(await answersOf(storage)).toEqual(answers);
    await storage.close();
    expect(formatOf(store)).toMatch(/ format=2 /);
  });
});
