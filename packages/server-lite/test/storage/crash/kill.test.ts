import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom, systemClock } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";
import { verifyDirectory } from "../../../src/storage/disk/inspect/verify-directory.js";
import type { Storage } from "../../../src/storage/storage.js";
import { linesOf } from "../../../src/testing/append-source.js";
import { builtProgram } from "../../support/built-program.js";

const FACTOR = Number(process.env["S2KIT_DEPTH"] ?? 1);
const CYCLES = 24 * FACTOR;
const LANES = 4;
const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };

interface Acked {
  tail: number;
  trimPoint: number;
}

const program = builtProgram("append-load");

describe("a store whose process is killed", () => {
  // Side by side, because a cycle mostly waits for a process to start.
  it(
    `has every acknowledged record after each of ${CYCLES} kills`,
    { timeout: 300_000 * FACTOR },
    () => Promise.all(Array.from({ length: LANES }, (_, lane) => killLoop(lane, CYCLES / LANES))),
  );
});

async function killLoop(lane: number, cycles: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "s2kit-kill-"));
  const random = seededRandom(lane);
  const acked = new Map<number, Acked>();
  try {
    for (let round = 0; round < cycles; round++) {
      await loadUntilKilled(directory, round, 20 + Math.floor(random.next() * 120), acked);
      const storage = await openDiskStorage({
        directory,
        clock: systemClock,
        segmentBytes: 256 * 1024,
        allowsSmallSegments: true,
      });
      for (const [streamId, expected] of acked) await verify(storage, streamId, expected);
      await storage.close();
    }
    const report = await verifyDirectory({ directory });
    expect(report.problems).toEqual([]);
    expect(Math.min(...[...acked.values()].map((stream) => stream.tail))).toBeGreaterThan(cycles);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Records are dense from the trim point, none is foreign, and none that was acknowledged is missing. */
async function verify(storage: Storage, streamId: number, expected: Acked): Promise<void> {
  const state = storage.streamState(streamId);
  expect(state?.tail.seqNum).toBeGreaterThanOrEqual(expected.tail);
  expect(state?.trimPoint).toBeGreaterThanOrEqual(expected.trimPoint);
  const lines = linesOf(await storage.read(streamId, 0, ALL));
  const first = state?.trimPoint ?? 0;
  const start = Number(lines[0]?.split(":")[0]);
  expect(start).toBeLessThanOrEqual(first);
  lines.forEach((line, index) => {
    const seqNum = start + index;
    if (!line.startsWith(`${seqNum}:${1000 + seqNum}:${streamId}/${seqNum}/`))
      expect.fail(`a foreign record stream=${streamId} seqNum=${seqNum} line=${line.slice(0, 60)}`);
  });
  expect(start + lines.length).toBe(state?.tail.seqNum);
}

/** Runs the load, and kills it once it acknowledged so many batches. */
function loadUntilKilled(
  directory: string,
  round: number,
  acks: number,
  acked: Map<number, Acked>,
): Promise<void> {
  const child = spawn(process.execPath, [program, directory, `${round}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let text = "";
    let errors = "";
    let seen = 0;
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.stdout.on("data", (chunk: Buffer) => {
      const lines = (text + chunk.toString()).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const [word, streamId, tail, trimPoint] = line.split(" ");
        if (word !== "ack") continue;
        const known = acked.get(Number(streamId)) ?? { tail: 0, trimPoint: 0 };
        acked.set(Number(streamId), {
          tail: Number(tail),
          trimPoint: Math.max(known.trimPoint, Number(trimPoint)),
        });
        if (++seen === acks) child.kill("SIGKILL");
      }
    });
    child.on("close", (_code, signal) => {
      if (signal === "SIGKILL") resolve();
      else reject(new Error(`the load ended by itself: ${errors}`));
    });
  });
}
