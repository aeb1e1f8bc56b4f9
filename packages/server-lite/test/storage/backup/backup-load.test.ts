// Backups of a directory that another process writes to, moves records in and trims, and processes
// that are killed in the middle: of the backup, of the server, of the restore.

import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { restoreBackup } from "../../../src/storage/disk/backup/restore-backup.js";
import { takeBackup } from "../../../src/storage/disk/backup/take-backup.js";
import type { Storage } from "../../../src/storage/storage.js";
import { linesOf } from "../../../src/testing/append-source.js";
import { contentOf, fill, freshDirectory, kill, open, start, stepThrough } from "./harness.js";

const STREAMS = [1, 2, 3, 4];

/** The process of `append-load`, with what it was told is durable. */
async function load(directory: string) {
  const child = start("append-load.ts", directory, "0", "--lend");
  const acked = new Map<number, number>();
  let rest = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [word, streamId, end] = line.split(" ");
      if (word === "ack") acked.set(Number(streamId), Number(end));
    }
  });
  const atLeast = async (records: number): Promise<void> => {
    while (STREAMS.some((streamId) => (acked.get(streamId) ?? 0) < records))
      await once(child.stdout ?? expect.fail("no output"), "data");
  };
  return { child, acked, atLeast };
}

async function linesFrom(storage: Storage, streamId: number, from: number, end: number) {
  const lines: string[] = [];
  for (let at = from; at < end; ) {
    const batches = await storage.read(streamId, at, { maxBytes: 1 << 20, endSeqNum: end });
    const last = batches.at(-1);
    if (last === undefined) throw new Error(`records are missing from=${at}`);
    lines.push(...linesOf(batches).filter((line) => Number.parseInt(line, 10) >= from));
    at = last.firstSeqNum + last.count;
  }
  return lines.filter((line) => Number.parseInt(line, 10) < end);
}

describe("a backup of a directory in use", () => {
  it("has what was acknowledged before it began, and each stream up to one place", async () => {
    const directory = await freshDirectory();
    const target = join(await freshDirectory(), "backup");
    const { child, acked, atLeast } = await load(directory);
    await atLeast(600);
    const before = new Map(acked);
    const report = await takeBackup({ directory, target });
    expect(report.isOnline).toBe(true);
    const during = new Map(acked);
    await kill(child);
    const into = join(await freshDirectory(), "restored");
    await restoreBackup({ backup: target, directory: into });
    const [copy, source] = [await open(into, "manual"), await open(directory, "manual")];
    // Every commit of the load is of one stream: the cut is a place in the order of all of them.
    for (const streamId of STREAMS) {
      const ours = copy.streamState(streamId);
      const theirs = source.streamState(streamId);
      const end = ours?.tail.seqNum ?? 0;
      expect(end).toBeGreaterThanOrEqual(before.get(streamId) ?? 0);
      expect(end).toBeLessThanOrEqual(theirs?.tail.seqNum ?? 0);
      const from = Math.max(ours?.trimPoint ?? 0, theirs?.trimPoint ?? 0);
      // What both have is the same, and the copy has all of its own.
      await linesFrom(copy, streamId, ours?.trimPoint ?? 0, end);
      if (from < end)
        expect(await linesFrom(copy, streamId, from, end)).toEqual(
          await linesFrom(source, streamId, from, end),
        );
    }
    expect([...during.values()].every((end) => end > 0)).toBe(true);
    await copy.close();
    await source.close();
  });

  it("is none when the server ends in the middle; the next try uses what is there", async () => {
    const directory = await freshDirectory();
    await (async () => {
      const storage = await open(directory, "manual");
      await fill(storage);
      await storage.close();
    })();
    const target = join(await freshDirectory(), "backup");
    const { child, acked, atLeast } = await load(directory);
    await atLeast(100);
    let isKilled = false;
    const taking = takeBackup({
      directory,
      target,
      onProgress({ phase, files, filesInAll }) {
        // Before the last file: all others are copied.
        if (phase !== "data" || files < filesInAll - 1 || isKilled) return;
        isKilled = true;
        child.kill("SIGKILL");
      },
    });
    const gone = once(child, "exit");
    await expect(taking).rejects.toThrow(/server ended/);
    await gone;
    expect(await readdir(target)).not.toContain("BACKUP.json");
    await expect(restoreBackup({ backup: target, directory: `${target}-x` })).rejects.toThrow(
      /no finished backup/,
    );
    const report = await takeBackup({ directory, target });
    expect(report.isOnline).toBe(false);
    expect(report.reusedFiles).toBeGreaterThan(0);
    const into = join(await freshDirectory(), "restored");
    await restoreBackup({ backup: target, directory: into });
    const copy = await open(into, "manual");
    for (const [streamId, end] of acked)
      expect(copy.streamState(streamId)?.tail.seqNum).toBeGreaterThanOrEqual(end);
    await copy.close();
  });
});

describe("a process that is killed with -9", () => {
  it("leaves no backup but files that the next one uses; a restore goes on likewise", async () => {
    const directory = await freshDirectory();
    const storage = await open(directory);
    await fill(storage);
    const content = await contentOf(storage, [1, 2, 3]);
    const target = join(await freshDirectory(), "backup");
    const backup = (isLast: Parameters<typeof stepThrough>[1]) =>
      stepThrough(start("copy-store.ts", "backup", directory, target), isLast);
    // Within the log, and between two data files.
    await backup((step) => step.startsWith("log"));
    let data = 0;
    await backup((step) => step.startsWith("data") && ++data === 3);
    expect(await readdir(target)).not.toContain("BACKUP.json");
    const report = await takeBackup({ directory, target });
    expect(report.reusedFiles).toBeGreaterThanOrEqual(2);

    const into = join(await freshDirectory(), "restored");
    const restore = (isLast: Parameters<typeof stepThrough>[1]) =>
      stepThrough(start("copy-store.ts", "restore", target, into), isLast);
    for (const phase of ["data", "state", "verify"]) {
      await restore((step) => step.startsWith(phase));
      await expect(open(into)).rejects.toThrow(/restore again/);
    }
    const last = await restore(() => false);
    expect(last.at(-1)).toMatch(/^verify/);
    const copy = await open(into, "manual");
    expect(await contentOf(copy, [1, 2, 3])).toEqual(content);
    await copy.close();
    await storage.close();
  });
});
