// Backups of a data directory on a real disk: what is in them, what they are made of, and who is
// refused.

import { readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { systemClock } from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { verifyBackup } from "../../../src/storage/disk/backup/check-backup.js";
import { openOnlineSource } from "../../../src/storage/disk/backup/online-source.js";
import { restoreBackup } from "../../../src/storage/disk/backup/restore-backup.js";
import { takeBackup } from "../../../src/storage/disk/backup/take-backup.js";
import type { DiskEngine } from "../../../src/storage/disk/engine/open-disk-storage.js";
import { append, contentOf, fill, freshDirectory, open } from "./harness.js";

/** Long enough for a busy machine; a hook that fails is told of all the same. */
const patiently = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 20_000, interval: 50 });

const STREAMS = [1, 2, 3];
let directory: string;
let storage: DiskEngine;
let content: readonly object[];
let first: string;

beforeAll(async () => {
  directory = await freshDirectory();
  storage = await open(directory, "manual");
  await fill(storage);
  content = await contentOf(storage, STREAMS);
  first = join(await freshDirectory(), "first");
  await takeBackup({ directory, target: first });
});
afterAll(() => storage.close());

async function restored(backup: string): Promise<string> {
  const into = join(await freshDirectory(), "restored");
  await restoreBackup({ backup, directory: into });
  return into;
}

describe("a backup", () => {
  it("brings back all that a store holds: records, trim points, tokens, metadata", async () => {
    const into = await restored(first);
    const again = await open(into, "manual");
    expect(await contentOf(again, STREAMS)).toEqual(content);
    // It goes on where it was: numbers of files and of owners are used once.
    expect(again.ownerEpoch).toBeGreaterThan(storage.ownerEpoch);
    await append(again, 1, 40);
    await again.maintain();
    expect(again.trouble).toBeUndefined();
    await again.close();
  });

  it("says what it is made of, and is proven by it", async () => {
    const check = await verifyBackup(first);
    expect(check).toMatchObject({ isSound: true, problems: [] });
    expect(check.files).toBeGreaterThan(4);
    const names = (await readdir(first)).sort();
    expect(names).toEqual(["BACKUP.json", "segments", "state.entries", "wal"]);
    expect((await stat(first)).mode & 0o777).toBe(0o700);
  });

  it("is of a stopped directory too, which it leaves as it is", async () => {
    const source = await freshDirectory();
    const engine = await open(source, "manual");
    await fill(engine);
    const known = await contentOf(engine, STREAMS);
    await engine.close();
    const before = await readFile(join(source, "state/data.mdb"));
    const target = join(await freshDirectory(), "stopped");
    const report = await takeBackup({ directory: source, target });
    expect(report.isOnline).toBe(false);
    expect(await readFile(join(source, "state/data.mdb"))).toEqual(before);
    const again = await open(await restored(target), "manual");
    expect(await contentOf(again, STREAMS)).toEqual(known);
    await again.close();
  });

  it("uses the data files of an earlier one, and copies what is new", async () => {
    await append(storage, 1, 30);
    await storage.maintain();
    const second = join(first, "../second");
    const report = await takeBackup({ directory, target: second, since: first });
    expect(report.reusedFiles).toBeGreaterThanOrEqual(3);
    expect(report.files).toBeGreaterThan(report.reusedFiles + 2);
    const [name = ""] = await readdir(join(first, "segments"));
    const [one, other] = await Promise.all(
      [first, second].map((backup) => stat(join(backup, "segments", name))),
    );
    expect(one?.ino).toBe(other?.ino);
    const again = await open(await restored(second), "manual");
    expect(await contentOf(again, STREAMS)).toEqual(await contentOf(storage, STREAMS));
    await again.close();
    // Whatever a restored store does with its files, those of the backup are others.
    expect((await verifyBackup(first)).isSound).toBe(true);
  });

  it("is refused where there is one, where there is something else, and as another's next", async () => {
    await expect(takeBackup({ directory, target: first })).rejects.toThrow(/has a backup/);
    const foreign = await freshDirectory();
    await writeFile(join(foreign, "letters"), "");
    await expect(takeBackup({ directory, target: foreign })).rejects.toThrow(/not empty.*letters/);
    const other = await freshDirectory();
    await (await open(other)).close();
    const target = join(await freshDirectory(), "other");
    await expect(takeBackup({ directory: other, target, since: first })).rejects.toThrow(
      /of another store/,
    );
    await expect(takeBackup({ directory: foreign, target })).rejects.toThrow(/no store/);
  });

  it("finds damage of a data file before it says that it is whole", async () => {
    const source = await freshDirectory();
    const engine = await open(source, "manual");
    await fill(engine);
    const [name = ""] = await readdir(join(source, "segments"));
    const path = join(source, "segments", name);
    const bytes = await readFile(path);
    bytes.writeUInt8((bytes[20_000] ?? 0) ^ 1, 20_000);
    await writeFile(path, bytes);
    const target = join(await freshDirectory(), "damaged");
    await expect(takeBackup({ directory: source, target })).rejects.toThrow(
      new RegExp(`data file is damaged.*${name}`),
    );
    expect(await readdir(target)).not.toContain("BACKUP.json");
    await engine.close();
  });
});

describe("a damaged backup", () => {
  const FILES = ["state.entries", "BACKUP.json", "wal", "segments"];

  it.each(FILES)(
    "is refused when a bit of %s differs, and no server starts on it",
    async (what) => {
      const copy = join(await freshDirectory(), "copy");
      await takeBackup({ directory, target: copy });
      const folder = what.includes(".") ? "" : what;
      const name = folder === "" ? what : ((await readdir(join(copy, folder))).at(-1) ?? "");
      const path = join(copy, folder, name);
      const bytes = await readFile(path);
      bytes.writeUInt8((bytes[60] ?? 0) ^ 1, 60);
      await writeFile(path, bytes);
      const into = join(await freshDirectory(), "into");
      await expect(restoreBackup({ backup: copy, directory: into })).rejects.toMatchObject({
        code: "storage",
        message: expect.stringMatching(new RegExp(`damaged.*${name}`)),
      });
      if (what === "BACKUP.json") return;
      await expect(open(into)).rejects.toThrow(/restore again/);
      expect((await verifyBackup(copy)).problems).toEqual([expect.stringContaining(name)]);
    },
  );

  it("is refused when a file is missing or too short", async () => {
    const copy = join(await freshDirectory(), "copy");
    await takeBackup({ directory, target: copy });
    const [name = "", other = ""] = await readdir(join(copy, "segments"));
    await truncate(join(copy, "segments", name), 8192);
    const into = join(await freshDirectory(), "into");
    await expect(restoreBackup({ backup: copy, directory: into })).rejects.toThrow(/damaged/);
    await rm(join(copy, "segments", other));
    await expect(restoreBackup({ backup: copy, directory: into })).rejects.toThrow(/damaged/);
    expect((await verifyBackup(copy)).problems).toHaveLength(2);
  });
});

describe("the directory of a restore", () => {
  it("must be empty, and of one backup until it is done", async () => {
    await expect(restoreBackup({ backup: first, directory })).rejects.toThrow(/not empty/);
    await expect(restoreBackup({ backup: directory, directory: first })).rejects.toThrow(
      /no finished backup/,
    );
  });
});

describe("the snapshot desk of a server", () => {
  it("keeps what it named until it is copied, while records move and are trimmed", async () => {
    const source = await freshDirectory();
    const engine = await open(source, "manual");
    await fill(engine);
    const snapshot = await openOnlineSource(source, systemClock);
    for await (const chunk of snapshot?.state ?? []) expect(chunk.length).toBeGreaterThan(0);
    const { plan } = snapshot ?? expect.fail("nobody answers");
    const paths = [...plan.data, ...plan.log.map(({ file }) => file)].map((file) =>
      join(source, file),
    );
    const bytesOf = (): Promise<Buffer[]> => Promise.all(paths.map((path) => readFile(path)));
    const used = (files: readonly Buffer[]): Buffer[] =>
      files.map((bytes, at) => bytes.subarray(0, plan.log[at - plan.data.length]?.usedBytes));
    const before = used(await bytesOf());
    // All that was there is trimmed, and the log goes round.
    for (const streamId of STREAMS) {
      const trimPoint = engine.streamState(streamId)?.tail.seqNum ?? 0;
      engine.commit([{ kind: "trim", streamId, trimPoint }]);
      await append(engine, streamId, 60);
      await engine.maintain();
    }
    for (let round = 0; round < 3; round++) await engine.maintain();
    expect(used(await bytesOf())).toEqual(before);
    await snapshot?.finish();
    // The background looks again when the pins are gone.
    await patiently(async () => {
      await engine.maintain();
      const left = await readdir(join(source, "segments"));
      expect(plan.data.filter((file) => left.includes(file.slice(9)))).toEqual([]);
    });
    await snapshot?.close();
    await engine.close();
  });

  it("waits for the background to finish what it is at", async () => {
    const source = await freshDirectory();
    const engine = await open(source, "manual");
    for (const streamId of STREAMS) await append(engine, streamId, 60);
    let isAtWork = true;
    const working = engine.maintain().then(() => {
      isAtWork = false;
    });
    const snapshot = await openOnlineSource(source, systemClock);
    expect(isAtWork).toBe(false);
    await working;
    await snapshot?.close();
    await engine.close();
  });

  it("serves one at a time, only its owner, and goes with the store", async () => {
    const snapshot = await openOnlineSource(directory, systemClock);
    await expect(openOnlineSource(directory, systemClock)).rejects.toThrow(/another backup/);
    expect((await stat(join(directory, "snapshot.sock"))).mode & 0o777).toBe(0o600);
    await snapshot?.close();
    await patiently(async () => {
      const next = await openOnlineSource(directory, systemClock);
      await next?.close();
    });
    const other = await freshDirectory();
    const engine = await open(other);
    expect(await readdir(other)).toContain("snapshot.sock");
    await engine.close();
    expect(await readdir(other)).not.toContain("snapshot.sock");
    expect(await openOnlineSource(other, systemClock)).toBeUndefined();
  });

  it("ends a guest that says nonsense, and closes though one holds on", async () => {
    const source = await freshDirectory();
    const engine = await open(source);
    const guest = connect(join(source, "snapshot.sock"));
    guest.on("error", () => undefined);
    const said = new Promise<string>((resolve) =>
      guest.once("data", (data) => resolve(String(data))),
    );
    guest.write(Buffer.from([5, 0, 0, 0, 1, ...Buffer.from("hello")]));
    expect(await said).toContain("not understood");
    const snapshot = await patiently(() => openOnlineSource(source, systemClock));
    await engine.close();
    await expect(snapshot?.finish()).rejects.toThrow(/server ended/);
    await snapshot?.close();
  });
});
