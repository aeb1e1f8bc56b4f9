import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeUtf8, seededRandom, systemClock } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";
import { verifyDirectory } from "../../../src/storage/disk/inspect/verify-directory.js";
import type { Storage } from "../../../src/storage/storage.js";
import { appendOf } from "../../../src/testing/append-source.js";
import { builtProgram } from "../../support/built-program.js";
import { isFormat1 } from "./format-1-codec.js";
import { turnBack } from "./format-1-store.js";

const STREAMS = 1500;
const FACTOR = Number(process.env["S2KIT_DEPTH"] ?? 1);
const KILLS = 5 * FACTOR;

const program = builtProgram("upgrade-load");

describe("an upgrade on LMDB whose process is killed", () => {
  it(`goes on after each of ${KILLS} kills, and loses nothing`, {
    timeout: 120_000 * FACTOR,
  }, async () => {
    const directory = await mkdtemp(join(tmpdir(), "s2kit-upgrade-kill-"));
    const random = seededRandom(7);
    try {
      const answers = await fill(directory);
      await turnBack(directory);
      let kills = 0;
      for (let round = 0; kills < KILLS && round < 10 * KILLS; round++) {
        await upgradeUntilKilled(directory, 1 + Math.floor(random.next() * 12));
        const format = await readFile(join(directory, "FORMAT"), "utf8");
        expect(isFormat1(format)).toBe(false);
        if (format.includes(" from=1 ")) kills++;
        // All of it was done before the kill came: it begins anew.
        else await turnBack(directory);
        expect((await verifyDirectory({ directory })).problems).toEqual([]);
      }
      expect(kills).toBe(KILLS);
      const storage = await openDiskStorage({ directory, clock: systemClock });
      expect(answersOf(storage)).toEqual(answers);
      await storage.close();
      const report = await verifyDirectory({ directory });
      expect(report).toMatchObject({ isSound: true, streams: STREAMS });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

async function fill(directory: string): Promise<string[]> {
  const storage = await openDiskStorage({ directory, clock: systemClock });
  for (let streamId = 1; streamId <= STREAMS; streamId++) {
    const name = encodeUtf8(`name/${streamId}`);
    storage.commit([
      { kind: "create-stream", streamId, writtenMs: streamId },
      { kind: "put", key: name, value: encodeUtf8(`stream ${streamId}`) },
      appendOf({ streamId, firstSeqNum: 0, bodies: ["x"], fencingToken: `of ${streamId}` }),
    ]);
  }
  await storage.maintain();
  const answers = answersOf(storage);
  await storage.close();
  return answers;
}

function answersOf(storage: Storage): string[] {
  const lines = storage
    .scanMeta({ prefix: new Uint8Array(0), limit: 10_000 })
    .map(({ key, value }) => `${Buffer.from(key).toString()}=${Buffer.from(value).toString()}`);
  for (let streamId = 1; streamId <= STREAMS; streamId++)
    lines.push(JSON.stringify(storage.streamState(streamId)));
  return lines;
}

/** Opens the directory in a process that ends after so many transactions, or some more. */
function upgradeUntilKilled(directory: string, transactions: number): Promise<void> {
  const child = spawn(process.execPath, [program, directory], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let seen = 0;
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.stdout.on("data", (chunk: Buffer) => {
      seen += chunk.toString().split("\n").length - 1;
      if (seen >= transactions) child.kill("SIGKILL");
    });
    child.on("close", (code, signal) => {
      if (signal === "SIGKILL" || code === 0) resolve();
      else reject(new Error(`the upgrade ended by itself: ${errors}`));
    });
  });
}
