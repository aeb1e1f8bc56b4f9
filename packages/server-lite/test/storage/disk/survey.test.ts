import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeUtf8, systemClock } from "@s2kit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";
import { inspectDirectory } from "../../../src/storage/disk/inspect/inspect-directory.js";
import { verifyDirectory } from "../../../src/storage/disk/inspect/verify-directory.js";
import { appendOf } from "../../../src/testing/append-source.js";

describe("verify and inspect of a real data directory", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "s2kit-survey-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const open = () =>
    openDiskStorage({
      directory,
      clock: systemClock,
      segmentBytes: 256 * 1024,
      allowsSmallSegments: true,
    });

  /** Two streams over two log segments, one trimmed; three metadata entries. */
  async function fill(): Promise<void> {
    const storage = await open();
    for (const key of ["a", "b", "c"])
      storage.commit([{ kind: "put", key: encodeUtf8(key), value: encodeUtf8(key) }]);
    for (const streamId of [1, 2])
      storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
    for (let seqNum = 0; seqNum < 20; seqNum++)
      for (const streamId of [1, 2]) {
        const bodies = [new Uint8Array(10_000).fill(seqNum)];
        const { position } = storage.commit([appendOf({ streamId, firstSeqNum: seqNum, bodies })]);
        await storage.whenDurable(position);
      }
    storage.commit([{ kind: "trim", streamId: 2, trimPoint: 5 }]);
    await storage.maintain();
    await storage.close();
  }

  const fileTimes = async () => {
    const times: string[] = [];
    for (const folder of ["wal", "segments"])
      for (const name of await readdir(join(directory, folder))) {
        const { mtimeMs, size } = await stat(join(directory, folder, name));
        times.push(`${folder}/${name} ${mtimeMs} ${size}`);
      }
    return times;
  };

  it("find a sound store sound, say what is in it, and change nothing", async () => {
    await fill();
    const before = await fileTimes();
    const report = await verifyDirectory({ directory });
    expect(report).toMatchObject({ isSound: true, problems: [], streams: 2, dataFiles: 1 });
    expect(report.extents).toBeGreaterThanOrEqual(2);
    const inspection = await inspectDirectory({ directory });
    expect(inspection).toMatchObject({
      formatVersion: 2,
      upgradedFrom: undefined,
      lock: undefined,
      streams: 2,
      records: 35,
      metadataEntries: 3,
      log: { damage: undefined },
    });
    expect(inspection.dataFiles.map((file) => file.state)).toEqual(["in use"]);
    expect(inspection.log.segments.map((segment) => segment.state)).toContain("active");
    expect(JSON.parse(JSON.stringify(inspection))).toMatchObject({ records: 35 });
    expect(await fileTimes()).toEqual(before);
    const storage = await open();
    expect(storage.streamState(1)?.tail.seqNum).toBe(20);
    await storage.close();
  });

  it("look at a store in use: inspect does, verify refuses and names the holder", async () => {
    await fill();
    const storage = await open();
    expect((await inspectDirectory({ directory })).lock).toContain(`${process.pid}`);
    await expect(verifyDirectory({ directory })).rejects.toThrow(new RegExp(`pid=${process.pid}`));
    await storage.close();
  });

  it("report a missing data file, which the engine refuses too", async () => {
    await fill();
    const [name = ""] = await readdir(join(directory, "segments"));
    await rm(join(directory, "segments", name));
    const report = await verifyDirectory({ directory });
    expect(report.isSound).toBe(false);
    expect(report.problems[0]).toEqual({ file: `segments/${name}`, what: "the file is missing" });
    expect((await inspectDirectory({ directory })).dataFiles[0]?.state).toBe("missing");
    await expect(open()).rejects.toThrow(/data file is missing.*segments/);
  });

  it("report a missing log segment as damage", async () => {
    await fill();
    for (const name of await readdir(join(directory, "wal")))
      await rm(join(directory, "wal", name));
    const report = await verifyDirectory({ directory });
    expect(report.problems[0]?.what).toMatch(/log is damaged.*known to be durable/);
    await expect(open()).rejects.toThrow(/log is damaged/);
  });

  it("refuse a directory that is no store", async () => {
    await expect(verifyDirectory({ directory })).rejects.toThrow(/no store.*FORMAT/);
    await expect(inspectDirectory({ directory })).rejects.toThrow(/no store.*FORMAT/);
    expect(await readdir(directory)).toEqual([]);
  });
});
