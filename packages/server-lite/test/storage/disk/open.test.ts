import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";

describe("opening a data directory", () => {
  let directory: string;
  const open = () =>
    openDiskStorage({
      directory,
      clock: systemClock,
      segmentBytes: 256 * 1024,
      allowsSmallSegments: true,
    });
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "s2kit-open-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it("refuses a second owner and names the first", async () => {
    const storage = await open();
    await expect(open()).rejects.toThrow(new RegExp(`pid=${process.pid} .*LOCK`));
    await storage.close();
    await (await open()).close();
  });

  it("refuses a second process and names the first", async () => {
    const programs = join(import.meta.dirname, "../programs");
    const child = spawn(
      process.execPath,
      ["--import", `${programs}/source-loader.mjs`, `${programs}/append-load.ts`, directory],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(child.stdout, "data");
    await expect(open()).rejects.toThrow(new RegExp(`another process .*pid=${child.pid} `));
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    const storage = await open();
    expect(storage.ownerEpoch).toBe(2);
    await storage.close();
  });

  it("leaves nothing of its lock, also when the start fails", async () => {
    await (await open()).close();
    const names = await readdir(directory);
    await writeFile(join(directory, "FORMAT"), "nonsense");
    await expect(open()).rejects.toMatchObject({ code: "storage" });
    expect(await readdir(directory)).toEqual(names);
    expect(names.filter((name) => name.startsWith("LOCK"))).toEqual([]);
  });

  it("fails the store when its lock is taken, also while nobody writes", async () => {
    const clock = createSimulatedClock();
    const storage = await openDiskStorage({ directory, clock, segmentBytes: 4 << 20 });
    const failed = new Promise<void>((resolve) =>
      storage.onDurable(() => storage.status === "failed" && resolve()),
    );
    await rm(join(directory, "LOCK"));
    await clock.advanceAsync(4000);
    await failed;
    expect(() => storage.commit([])).toThrow(/store failed/);
    await storage.close();
  });

  it("says what is in the way when the directory cannot be made", async () => {
    await writeFile(join(directory, "file"), "");
    for (const impossible of [join(directory, "file"), join(directory, "file", "below")])
      await expect(
        openDiskStorage({ directory: impossible, clock: systemClock }),
      ).rejects.toMatchObject({ code: "storage", message: expect.stringContaining(impossible) });
  });

  it.skipIf(process.platform !== "linux")(
    "gives up where the system lets no directory be made (needs Linux)",
    async () => {
      await expect(
        openDiskStorage({ directory: "/proc/nope", clock: systemClock }),
      ).rejects.toThrow(/cannot be opened path=\/proc\/nope cause=ENOENT/);
    },
  );

  it("refuses a newer format and says what to do", async () => {
    await (await open()).close();
    await writeFile(join(directory, "FORMAT"), "s2kit store format=9 key=1 and more");
    await expect(open()).rejects.toThrow(/newer version: upgrade s2kit.*format=9/);
  });

  it("refuses a damaged or missing format file", async () => {
    await (await open()).close();
    const text = await readFile(join(directory, "FORMAT"), "utf8");
    await writeFile(join(directory, "FORMAT"), text.replace(/key=\d/, "key=0"));
    await expect(open()).rejects.toThrow(/format file is damaged.*FORMAT/);
    await rm(join(directory, "FORMAT"));
    await expect(open()).rejects.toThrow(/no FORMAT/);
  });

  it("refuses a damaged log and names file and offset", async () => {
    const storage = await open();
    for (const key of ["a", "b", "c"]) {
      const bytes = new TextEncoder().encode(key);
      await storage.whenDurable(
        storage.commit([{ kind: "put", key: bytes, value: bytes }]).position,
      );
    }
    await storage.close();
    const path = join(directory, "wal", "000000000001.seg");
    const bytes = await readFile(path);
    bytes[4096 + 64] = 0xff;
    await writeFile(path, bytes);
    await expect(open()).rejects.toThrow(/log is damaged.*000000000001\.seg offset=4096 /);
  });
});
