// The lock of a data directory: never stolen from the living, never kept by the dead. Real processes,
// killed and stopped; another machine is a LOCK file whose kernel is not ours.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulatedClock } from "@s2kit/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LEASE_MS, WATCH_MS } from "../../../src/storage/disk/medium/directory-lease.js";
import { lockDirectory } from "../../../src/storage/disk/medium/directory-lock.js";
import { encodeLock, type LockRecord } from "../../../src/storage/disk/medium/lock-record.js";
import { canUnshare, OWN_HOST_NAME, OWN_PROCESSES } from "../../support/privileges.js";

let directory: string;
let path: string;
let children: ChildProcess[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "s2kit-lock-"));
  path = join(directory, "LOCK");
  children = [];
});

afterEach(async () => {
  await Promise.all(children.map(kill));
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a process that takes the lock; resolves with the first word that says what came of it. */
async function hold(
  within: readonly string[] = [],
): Promise<{ said: string; child: ChildProcess }> {
  const programs = join(import.meta.dirname, "../programs");
  const [command, ...args] = [
    ...within,
    process.execPath,
    "--import",
    `${programs}/source-loader.mjs`,
    `${programs}/hold-directory.ts`,
    path,
  ];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { said: String(said), child };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** In place: the file stays the holder's own. */
function rewriteLock(change: Partial<LockRecord>): void {
  const { beat, ...record } = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
  writeFileSync(path, `${JSON.stringify({ ...record, ...change, beat })}\n`, { flag: "r+" });
}

const OTHER_MACHINE: LockRecord = {
  pid: 1,
  host: "other",
  machine: "another kernel",
  token: "1-a",
  sign: "LOCK.1-a.sock",
  beat: 7,
};

const IN_USE = /another process uses this data directory: stop it first pid=/;

/** The kernel tells: nobody has to wait. */
const AT_ONCE = {
  onWatch: (): never => expect.unreachable("the kernel knows whether it lives"),
};

describe("the living keep their directory", () => {
  it.skipIf(!canUnshare)(
    "in a process table of their own, under the same host name (needs root on Linux)",
    async () => {
      expect((await hold(OWN_PROCESSES)).said).toBe("held\n");
      await expect(lockDirectory(path)).rejects.toThrow(IN_USE);
      expect((await hold(OWN_PROCESSES)).said).toMatch(/^refused .*another process uses/);
    },
  );

  it("when their process id means nothing here", async () => {
    await hold();
    rewriteLock({ pid: 999_999 });
    await expect(lockDirectory(path)).rejects.toThrow(/pid=999999 /);
  });

  it("while they are stopped, for as long as it takes", async () => {
    const { child } = await hold();
    child.kill("SIGSTOP");
    await expect(lockDirectory(path, AT_ONCE)).rejects.toThrow(IN_USE);
  });

  it("against whoever takes over", async () => {
    await hold();
    await expect(lockDirectory(path, { takesOver: true })).rejects.toThrow(IN_USE);
  });

  it("when their lock file was removed by hand", async () => {
    await hold();
    rmSync(path);
    await expect(lockDirectory(path)).rejects.toThrow(/without its lock file: stop it first/);
    expect(readdirSync(directory).filter((name) => !name.endsWith(".sock"))).toEqual([]);
  });

  it("in directories with long paths", async () => {
    const deep = join(directory, "d".repeat(100), "e".repeat(100));
    mkdirSync(deep, { recursive: true });
    path = join(deep, "LOCK");
    const { child } = await hold();
    await expect(lockDirectory(path, AT_ONCE)).rejects.toThrow(IN_USE);
    await kill(child);
    await (await lockDirectory(path, AT_ONCE)).release();
  });

  it("when they took it from the dead a moment before another one does", async () => {
    const { child } = await hold();
    await kill(child);
    const clock = createSimulatedClock();
    const late = lockDirectory(path, { clock });
    const refused = expect(late).rejects.toThrow(IN_USE);
    // The late one has read what the dead left, and asks about it.
    rmSync(path);
    writeFileSync(path, encodeLock(OTHER_MACHINE));
    await expect.poll(() => clock.liveTimers.length).toBe(1);
    expect(readFileSync(path, "utf8")).toBe(encodeLock(OTHER_MACHINE));
    writeFileSync(path, encodeLock({ ...OTHER_MACHINE, beat: 8 }));
    await clock.advanceAsync(1000);
    await refused;
  });

  it("on another machine, as long as they renew their lock", async () => {
    writeFileSync(path, encodeLock(OTHER_MACHINE));
    const clock = createSimulatedClock();
    const watched: string[] = [];
    const taking = lockDirectory(path, { clock, onWatch: ({ host }) => watched.push(host) });
    const refused = expect(taking).rejects.toThrow(IN_USE);
    await clock.advanceAsync(WATCH_MS - 1000);
    writeFileSync(path, encodeLock({ ...OTHER_MACHINE, beat: 8 }));
    await clock.advanceAsync(1000);
    await refused;
    expect(watched).toEqual(["other"]);
    expect(readFileSync(path, "utf8")).toBe(encodeLock({ ...OTHER_MACHINE, beat: 8 }));
  });
});

describe("the dead give their directory back", () => {
  it("at once, whatever host name and process id the next one has", async () => {
    const { child } = await hold();
    await kill(child);
    rewriteLock({ host: "gone-a1b2", pid: process.pid });
    const lock = await lockDirectory(path, AT_ONCE);
    await lock.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it.skipIf(!canUnshare)(
    "to a recreated container with a new host name (needs root on Linux)",
    async () => {
      const { child } = await hold(OWN_PROCESSES);
      await kill(child);
      const renamed = ["sh", "-c", 'hostname recreated-7 && exec "$@"', "sh"];
      const again = await hold([...OWN_HOST_NAME, ...OWN_PROCESSES, ...renamed]);
      expect(again.said).toBe("held\n");
      expect(readFileSync(path, "utf8")).toContain("recreated-7");
    },
  );

  it("on another machine, after no beat for longer than a hold lasts", async () => {
    writeFileSync(path, encodeLock(OTHER_MACHINE));
    const clock = createSimulatedClock();
    let isTaken = false;
    const taking = lockDirectory(path, { clock }).finally(() => {
      isTaken = true;
    });
    await clock.advanceAsync(LEASE_MS + 1000);
    expect(isTaken).toBe(false);
    await clock.advanceAsync(WATCH_MS - LEASE_MS);
    await (await taking).release();
  });

  it("at once to one that takes over", async () => {
    writeFileSync(path, encodeLock(OTHER_MACHINE));
    await (await lockDirectory(path, { takesOver: true })).release();
    // Of a version that did not renew its locks: nothing tells, so it has to be said.
    writeFileSync(path, JSON.stringify({ pid: process.pid, host: "h", started: "s", token: "t" }));
    await expect(lockDirectory(path)).rejects.toThrow(/older version.*--take-over/);
    await (await lockDirectory(path, { takesOver: true })).release();
  });

  it("to exactly one of those that come at the same moment", async () => {
    const { child } = await hold();
    await kill(child);
    const said = await Promise.all(Array.from({ length: 5 }, () => hold()));
    const won = said.filter((one) => one.said === "held\n");
    expect(won).toHaveLength(1);
    expect(said.filter((one) => one.said.startsWith("refused "))).toHaveLength(4);
  });
});

describe("a holder", () => {
  it("goes on after a stall in which nobody came", async () => {
    const clock = createSimulatedClock();
    const lock = await lockDirectory(path, { clock });
    clock.advance(LEASE_MS * 3);
    expect(() => lock.requireHeld()).not.toThrow();
    await lock.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("knows after a stall that another one took its place, before its next beat ends", async () => {
    const clock = createSimulatedClock();
    const lock = await lockDirectory(path, { clock });
    rmSync(path);
    writeFileSync(path, encodeLock(OTHER_MACHINE));
    clock.advance(LEASE_MS + 1);
    expect(() => lock.requireHeld()).toThrow(/taken or removed while this server used it/);
    await lock.release();
    expect(readFileSync(path, "utf8")).toBe(encodeLock(OTHER_MACHINE));
  });

  it("hears of it in its beats, without writing anything", async () => {
    const clock = createSimulatedClock();
    const lock = await lockDirectory(path, { clock });
    const lost = new Promise((resolve) => lock.onLost(resolve));
    rmSync(path);
    await clock.advanceAsync(4000);
    await expect(lost).resolves.toMatchObject({ code: "storage" });
    expect(() => lock.requireHeld()).toThrow();
    await lock.release();
  });

  it("renews its lock, so that others see it live", async () => {
    const clock = createSimulatedClock();
    const lock = await lockDirectory(path, { clock });
    const first = readFileSync(path, "utf8");
    await clock.advanceAsync(4000);
    await expect.poll(() => readFileSync(path, "utf8")).not.toBe(first);
    await lock.release();
  });
});
