// A disk that is too small or full: whoever waits for it hears of it, and nothing waits for ever.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deferred, encodeUtf8, seededRandom, sleep, systemClock } from "@s2kit/core";
import { afterEach, describe, expect, it } from "vitest";
import {
  type DiskEngine,
  openDiskStorage,
} from "../../../src/storage/disk/engine/open-disk-storage.js";
import type { Disk, DiskFile } from "../../../src/storage/disk/medium/disk.js";
import { SPACE_META } from "../../../src/storage/log/state-keys.js";
import type { Storage } from "../../../src/storage/storage.js";
import { appendOf } from "../../../src/testing/append-source.js";
import { FaultyDisk } from "../../../src/testing/faulty-disk.js";
import { canMount } from "../../support/privileges.js";
import { SimulatedStore } from "../crash/simulated-store.js";

const SEGMENT = 64 * 1024;
const BIG = new Uint8Array(12_000).fill(7);
const put = (key: string) =>
  ({ kind: "put", key: encodeUtf8(key), value: encodeUtf8(key) }) as const;

const storeOf = (capacityBytes: number): SimulatedStore =>
  new SimulatedStore(new FaultyDisk({ random: seededRandom(1), capacityBytes }));

/** Fills segments without waiting until one commit cannot be written. */
function fill(storage: Storage): Promise<void>[] {
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]);
  const waiting: Promise<void>[] = [];
  for (let turn = 0; turn < 16; turn++) {
    const firstSeqNum = storage.streamState(1)?.tail.seqNum ?? 0;
    const { position } = storage.commit([appendOf({ streamId: 1, firstSeqNum, bodies: [BIG] })]);
    waiting.push(storage.whenDurable(position));
  }
  return waiting;
}

describe("a first start without room", () => {
  it("fails with what is needed, and leaves no lock", async () => {
    const store = storeOf(SEGMENT / 2);
    await expect(store.open()).rejects.toMatchObject({
      code: "storage",
      message: expect.stringMatching(
        /needs a segment of 65536 bytes .* path=\/store\/wal cause=ENOSPC/,
      ),
    });
    store.disk.capacityBytes = Number.POSITIVE_INFINITY;
    await (await store.open()).close();
  });

  it("fails again and again, each time with the same words", async () => {
    const store = storeOf(SEGMENT / 2);
    for (let turn = 0; turn < 3; turn++)
      await expect(store.open()).rejects.toThrow(/needs a segment of/);
  });

  it.skipIf(!canMount)(
    "also on a real disk of 24 MiB, by a process of its own (needs root on Linux)",
    async () => {
      const directory = mkdtempSync(join(tmpdir(), "s2kit-small-"));
      const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", directory]);
      expect(isMounted.status).toBe(0);
      try {
        const opening = openDiskStorage({ directory: join(directory, "data"), clock: systemClock });
        await expect(opening).rejects.toThrow(/needs a segment of 67108864 bytes.*ENOSPC/);
        expect(readdirSync(join(directory, "data")).filter((name) => /LOCK/.test(name))).toEqual(
          [],
        );
      } finally {
        spawnSync("umount", [directory]);
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );
});

describe("a full disk", () => {
  let storage: DiskEngine | undefined;
  afterEach(async () => storage?.close());

  /** Others filled the disk at once: nobody told the log, which accepts what it cannot write. */
  async function openedAndFull(): Promise<{ store: SimulatedStore; full: DiskEngine }> {
    const store = storeOf(Number.POSITIVE_INFINITY);
    const full = await store.open();
    storage = full;
    await nextSegmentMade(store);
    const { disk } = store;
    const usedBytes = disk.paths.reduce((sum, path) => sum + disk.bytesOf(path).length, 0);
    disk.capacityBytes = usedBytes + 4096;
    return { store, full };
  }

  it("fails the commits that wait when the store is closed, and the close ends", async () => {
    const { store, full } = await openedAndFull();
    const outcomes = Promise.allSettled(fill(full));
    const closing = full.close();
    await store.clock.advanceAsync(10_000);
    await closing;
    const failed = (await outcomes).filter(({ status }) => status === "rejected");
    expect(failed.length).toBeGreaterThan(0);
    expect(failed[0]).toMatchObject({
      reason: { code: "storage", message: expect.stringMatching(/closed before .*ENOSPC/) },
    });
    // What was confirmed is there, and the directory is free.
    const kept = (await outcomes).length - failed.length;
    store.restart("power");
    store.disk.capacityBytes = Number.POSITIVE_INFINITY;
    storage = await store.open();
    expect(storage.streamState(1)?.tail.seqNum).toBe(kept);
  });

  it("keeps a close waiting as long as commits make progress", async () => {
    const { store, full } = await openedAndFull();
    const outcomes = Promise.allSettled(fill(full));
    const closing = full.close();
    // Room for one segment more each time: slow, and not stuck.
    for (let step = 0; step < 8; step++) {
      await store.clock.advanceAsync(2000);
      store.disk.capacityBytes += SEGMENT;
    }
    await closing;
    expect((await outcomes).filter(({ status }) => status === "rejected")).toEqual([]);
  });

  it("does not let a process end under a commit that waits", async () => {
    const { store, full } = await openedAndFull();
    const waiting = Promise.allSettled(fill(full));
    const { clock } = store;
    await expect.poll(() => clock.liveTimers.some(({ keepsAlive }) => keepsAlive)).toBe(true);
    store.disk.capacityBytes = Number.POSITIVE_INFINITY;
    await clock.advanceAsync(2000);
    await waiting;
    expect(clock.liveTimers.some(({ keepsAlive }) => keepsAlive)).toBe(false);
  });
});

describe("a disk that does not answer", () => {
  it("lets a close end, and keeps the directory locked until it does", async () => {
    const store = new SimulatedStore();
    const mounted = store.disk.mount();
    const answer = deferred<void>();
    let isHanging = false;
    const open: Disk["open"] = async (path, options) => {
      const file = await mounted.open(path, options);
      const write: DiskFile["write"] = async (bytes, at) => {
        if (isHanging) await answer.promise;
        await file.write(bytes, at);
      };
      return { ...file, write };
    };
    const storage = await store.open({ writes: "pool", disk: { ...mounted, open } });
    isHanging = true;
    const lost = expect(storage.whenDurable(storage.commit([put("a")]).position)).rejects.toThrow(
      /closed before .* does not answer/,
    );
    const closing = storage.close();
    await store.clock.advanceAsync(120_000);
    await lost;
    await closing;
    await expect(store.open()).rejects.toThrow(/another process uses/);
    answer.resolve();
    await expect.poll(() => store.open().catch(() => undefined)).toBeDefined();
  });
});

describe("a checkpoint that takes minutes", () => {
  it("is waited for by a close, for as long as it goes on", async () => {
    const store = new SimulatedStore();
    const storage = await store.open({ segmentBytes: 8 * 1024 * 1024 });
    const names = Array.from({ length: 8000 }, (_, at) => put(`entry.${at}`));
    await storage.whenDurable(storage.commit(names).position);
    store.medium.beforeWrite = async () => {
      await sleep(store.clock, 20_000);
    };
    const closing = storage.close();
    let isClosed = false;
    void closing.then(() => (isClosed = true));
    for (let step = 0; step < 40 && !isClosed; step++) await store.clock.advanceAsync(10_000);
    await closing;
    expect(storage.failure).toBeUndefined();
    expect(store.medium.entries.get(`${SPACE_META}entry.7999`)).toBeDefined();
  });
});

/** The next log segment is made ready behind the first commit: a call on its way is no new change. */
async function nextSegmentMade(store: SimulatedStore): Promise<void> {
  await expect
    .poll(() => store.disk.paths.filter((path) => path.includes("/wal/")).length, { interval: 1 })
    .toBeGreaterThan(1);
  await expect
    .poll(() => store.disk.paths.some((path) => path.endsWith("/next.new")), { interval: 1 })
    .toBe(false);
}

describe("a holder that lost its directory", () => {
  it("writes nothing any more: not its commits, not its upkeep, not its end", async () => {
    for (const writes of ["inline", "pool"] as const) {
      const store = new SimulatedStore();
      const storage = await store.open({ writes });
      await storage.whenDurable(storage.commit([put("before")]).position);
      await nextSegmentMade(store);
      const before = store.disk.paths.map((path) => [path, store.disk.bytesOf(path)]);
      store.disk.loseLocks();
      const { position } = storage.commit([put("after")]);
      await expect(storage.whenDurable(position)).rejects.toThrow(/lock .* was taken/);
      await storage.maintain();
      await storage.close();
      expect(store.disk.paths.map((path) => [path, store.disk.bytesOf(path)])).toEqual(before);
      expect(storage.status).toBe("failed");
    }
  });

  it("makes no checkpoint and recycles nothing", async () => {
    const store = new SimulatedStore();
    const storage = await store.open();
    await Promise.all(fill(storage));
    await nextSegmentMade(store);
    const before = store.disk.paths.map((path) => [path, store.disk.bytesOf(path)]);
    const state = [...store.medium.entries.from("")];
    store.disk.loseLocks();
    await storage.maintain();
    await storage.close();
    expect(store.disk.paths.map((path) => [path, store.disk.bytesOf(path)])).toEqual(before);
    expect([...store.medium.entries.from("")]).toEqual(state);
  });
});

/** The bound on file sizes stands in for a small disk, where nobody may mount one. */
describe.skipIf(process.platform === "win32")(
  "a process with small files (needs bash and ulimit)",
  () => {
    it("hears at its start that the log has no room, and does not just end", async () => {
      const directory = mkdtempSync(join(tmpdir(), "s2kit-ulimit-"));
      mkdirSync(join(directory, "data"));
      const programs = join(import.meta.dirname, "../programs");
      const script = `ulimit -f 16384 && exec "$@"`;
      const code = `
      const { openDiskStorage } = await import(${JSON.stringify(`${programs}/../../../src/storage/disk/engine/open-disk-storage.ts`)});
      const { systemClock } = await import("@s2kit/core");
      await openDiskStorage({ directory: process.argv[1], clock: systemClock }).then(
        () => console.log("open"), (error) => console.log(error.code, error.message));`;
      const args = ["--import", `${programs}/source-loader.mjs`, "--input-type=module", "-e", code];
      const child = spawn(
        "bash",
        ["-c", script, "bash", process.execPath, ...args, join(directory, "data")],
        { stdio: ["ignore", "pipe", "inherit"], cwd: join(programs, "../../..") },
      );
      const [said] = (await once(child.stdout, "data")) as [Buffer];
      expect(String(said)).toMatch(/^storage .*needs a segment of 67108864 bytes.*EFBIG/);
      rmSync(directory, { recursive: true, force: true });
    });
  },
);

describe.skipIf(!canMount)("a disk of any size (needs root on Linux)", () => {
  const programs = join(import.meta.dirname, "../programs");
  const FILL = ["--import", `${programs}/source-loader.mjs`, `${programs}/fill-disk.ts`];

  it.each(["4k", "16k", "24k", "1m", "5m", "14m"])(
    "of %s ends in a word, with what was acknowledged",
    async (size) => {
      const disk = mkdtempSync(join(tmpdir(), "s2kit-sized-"));
      expect(spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk]).status).toBe(
        0,
      );
      try {
        const data = join(disk, "data");
        const { status, stdout, stderr } = spawnSync(process.execPath, [...FILL, data], {
          encoding: "utf8",
          timeout: 30_000,
        });
        expect([status, stdout, stderr]).toEqual([
          0,
          expect.stringMatching(/"code":"storage"|"end":"closed"/),
          expect.anything(),
        ]);
        expect(readdirSync(data).filter((name) => name.startsWith("LOCK"))).toEqual([]);
        const told = JSON.parse(stdout) as { end: string; acked: number };
        if (told.end !== "closed") return;
        expect(spawnSync("mount", ["-o", "remount,size=64m", disk]).status).toBe(0);
        const again = await openDiskStorage({
          directory: data,
          clock: systemClock,
          segmentBytes: 4 << 20,
        });
        expect(again.streamState(1)?.tail.seqNum ?? 0).toBeGreaterThanOrEqual(told.acked);
        await again.close();
      } finally {
        spawnSync("umount", [disk]);
        rmSync(disk, { recursive: true, force: true });
      }
    },
  );
});
