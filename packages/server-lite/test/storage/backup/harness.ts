// What the tests of backups share: a store with several data files, its content by another way, and
// child processes that can be stopped anywhere.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeUtf8, systemClock } from "@s2kit/core";
import {
  type DiskEngine,
  openDiskStorage,
} from "../../../src/storage/disk/engine/open-disk-storage.js";
import type { Storage } from "../../../src/storage/storage.js";
import { appendOf, linesOf } from "../../../src/testing/append-source.js";

const PROGRAMS = join(import.meta.dirname, "../programs");

const made: string[] = [];
process.once("exit", () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

export async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "s2kit-backup-"));
  made.push(directory);
  return directory;
}

export function open(directory: string, maintenance?: "manual"): Promise<DiskEngine> {
  return openDiskStorage({
    directory,
    clock: systemClock,
    segmentBytes: 256 * 1024,
    allowsSmallSegments: true,
    lendsSnapshots: true,
    ...(maintenance === undefined ? {} : { maintenance }),
  });
}

/** Appends single records of 10 kB, which say where they are. */
export async function append(storage: Storage, streamId: number, count: number): Promise<void> {
  if (storage.streamState(streamId) === undefined)
    storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
  let last = 0;
  for (let turn = 0; turn < count; turn++) {
    const firstSeqNum = storage.streamState(streamId)?.tail.seqNum ?? 0;
    const body = `${streamId}/${firstSeqNum}/${"x".repeat(10_000)}`;
    last = storage.commit([appendOf({ streamId, firstSeqNum, bodies: [body] })]).position;
  }
  await storage.whenDurable(last);
}

/** Streams in several data files and in the log; a trim point, a fencing token, metadata. */
export async function fill(storage: DiskEngine): Promise<void> {
  for (let round = 0; round < 4; round++) {
    for (const streamId of [1, 2, 3]) await append(storage, streamId, 20);
    await storage.maintain();
  }
  storage.commit([{ kind: "trim", streamId: 2, trimPoint: 33 }]);
  storage.commit([{ kind: "put", key: encodeUtf8("name"), value: encodeUtf8("value") }]);
  const firstSeqNum = storage.streamState(3)?.tail.seqNum ?? 0;
  const { position } = storage.commit([
    appendOf({ streamId: 3, firstSeqNum, bodies: ["fence"], fencingToken: "writer-7" }),
  ]);
  await storage.whenDurable(position);
}

/** Everything that a reader sees of some streams: what a restored store is compared by. */
export async function contentOf(
  storage: Storage,
  streamIds: readonly number[],
): Promise<readonly object[]> {
  const content: object[] = [];
  for (const streamId of streamIds) {
    const state = storage.streamState(streamId);
    const records: string[] = [];
    for (let from = state?.trimPoint ?? 0; from < (state?.tail.seqNum ?? 0); ) {
      const limits = { maxBytes: 1 << 20, endSeqNum: Number.MAX_SAFE_INTEGER };
      const batches = await storage.read(streamId, from, limits);
      const start = from;
      records.push(...linesOf(batches).filter((line) => Number.parseInt(line, 10) >= start));
      const last = batches.at(-1);
      if (last === undefined) throw new Error(`records are missing from=${from}`);
      from = last.firstSeqNum + last.count;
    }
    content.push({ streamId, state, records });
  }
  content.push({ meta: storage.scanMeta({ prefix: new Uint8Array(0), limit: 1000 }) });
  return content;
}

/** A program of `programs/` in a process of its own. */
export function start(program: string, ...args: readonly string[]): ChildProcess {
  return spawn(
    process.execPath,
    ["--import", `${PROGRAMS}/source-loader.mjs`, `${PROGRAMS}/${program}`, ...args],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
}

export async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/**
 * Lets a program go on step by step.
 *
 * @param isLast - told each step before it is made; true kills the process there
 * @returns the steps it said, without the one it was killed at
 */
export async function stepThrough(
  child: ChildProcess,
  isLast: (step: string, index: number) => boolean,
): Promise<readonly string[]> {
  const steps: string[] = [];
  let rest = "";
  for await (const chunk of child.stdout ?? []) {
    rest += String(chunk);
    for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n")) {
      const step = rest.slice(0, at);
      rest = rest.slice(at + 1);
      if (step === "done") return steps;
      if (isLast(step, steps.length)) {
        await kill(child);
        return steps;
      }
      steps.push(step);
      child.stdin?.write(".");
    }
  }
  return steps;
}
