// What happens to the process of the server and to its machine: it is killed, told to end, stopped for a while; its disk is
// full; it has no descriptors left; its clock jumps.

import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { randomInteger } from "@s2kit/core";
import { command, DISK_BYTES } from "../server/data-disk.ts";
import type { ServerProcess } from "../server/server-process.ts";
import { type Fault, lasting } from "./fault.ts";

const kill: Fault = {
  name: "kill",
  track: "machine",
  weight: 4,
  async strike(world, random) {
    await world.keeper.replace("SIGKILL", randomInteger(random, 0, 1500));
  },
};

/** An upgrade, as a supervisor does it. */
const drain: Fault = {
  name: "drain",
  track: "machine",
  weight: 2,
  async strike(world, random) {
    await world.keeper.replace("SIGTERM", randomInteger(random, 0, 500));
  },
};

const stop: Fault = {
  name: "stop",
  track: "machine",
  weight: 3,
  async strike(world, random) {
    const { life } = world.keeper;
    if (life === undefined) return;
    life.signal("SIGSTOP");
    try {
      // Most stops are short; a few are longer than every timeout of a client.
      await lasting(world, random, 1000, random.next() < 0.25 ? 20_000 : 4000);
    } finally {
      life.signal("SIGCONT");
    }
  },
};

const full: Fault = {
  name: "disk-full",
  track: "machine",
  weight: 2,
  lacks: ({ disk, store }) =>
    store.bucket !== undefined
      ? "--storage disk"
      : disk.resize === undefined
        ? "a small file system, which only root may mount"
        : undefined,
  async strike(world, random) {
    const { disk, keeper } = world;
    const { resize } = disk;
    if (resize === undefined) return;
    using _ = keeper.excuse();
    const room = randomInteger(random, 0, random.next() < 0.5 ? 64 * 1024 : 4 * 1024 * 1024);
    // Between the look and the act more may be used: then it stays as large as it was.
    if (!resize(disk.usedBytes() + room)) return;
    // A server that starts on a full disk may have to wait for room.
    const isKilled = random.next() < 0.5;
    const back = isKilled ? keeper.replace("SIGKILL", 0) : undefined;
    try {
      await lasting(world, random, 4000, 20_000);
      if (disk.usedBytes() + MIB > disk.sizeBytes()) world.count("met a disk without room");
    } finally {
      resize(DISK_BYTES);
    }
    await back;
    await keeper.whenUp();
  },
};

const descriptors: Fault = {
  name: "descriptors",
  track: "machine",
  weight: 2,
  lacks: () =>
    process.platform === "linux" ? command("prlimit", ["--version"]) : "prlimit of Linux",
  async strike(world, random) {
    const { keeper } = world;
    const { life } = keeper;
    if (life === undefined) return;
    using _ = keeper.excuse();
    const open = openDescriptors(life);
    if (open === undefined || !setLimit(life, open + randomInteger(random, 0, 6))) return;
    const crowd = Array.from({ length: CROWD }, () => connect(life.port, "127.0.0.1"));
    let refused = 0;
    for (const socket of crowd) {
      socket.on("error", () => undefined);
      socket.once("close", () => refused++);
    }
    try {
      await lasting(world, random, 1000, 6000);
      if (refused > 0) world.count("met a process without descriptors");
    } finally {
      setLimit(life, undefined);
      for (const socket of crowd) socket.destroy();
    }
    await keeper.whenUp();
  },
};

/** Below the hard limit of any machine that this runs on. */
const USUAL_LIMIT = 4096;
/** Idle connections: they take what is left. */
const CROWD = 12;
const MIB = 1024 * 1024;
const MAX_JUMP_MS = 2 * 86_400_000;

const clock: Fault = {
  name: "clock",
  track: "machine",
  weight: 2,
  // A bucket takes no signature of another day: such a server ends, and says so.
  lacks: ({ store }) => (store.bucket === undefined ? undefined : "--storage disk"),
  async strike(world, random) {
    const most = random.next() < 0.5 ? 60_000 : MAX_JUMP_MS;
    world.keeper.shiftClock(randomInteger(random, -most, most));
    await lasting(world, random, 200, 2000);
  },
};

export const MACHINE_FAULTS: readonly Fault[] = [kill, drain, stop, full, descriptors, clock];

/** Undefined where it is not told, or the process has just ended. */
function openDescriptors({ pid }: ServerProcess): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/** Of the process alone, and the soft limit only: it can be taken back. */
function setLimit({ pid }: ServerProcess, limit: number | undefined): boolean {
  const failure = command("prlimit", ["--pid", `${pid}`, `--nofile=${limit ?? USUAL_LIMIT}:`]);
  return failure === undefined;
}
