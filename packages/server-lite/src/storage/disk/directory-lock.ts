// One process per data directory, by a LOCK file that names its holder. Node has no file locks of
// the kernel, so a lock left by a dead process is recognised by what it says: process id and the
// moment that process started, which tells a reused id apart.
//
// Taking over a stale lock renames it away first and looks at what was caught: of two processes that
// both found the same stale lock, only one catches it.

import * as fs from "node:fs";
import { hostname } from "node:os";
import { storageError } from "../durability.js";
import { type DiskLock, systemCodeOf } from "./disk.js";

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start of the process as the kernel counts it; empty where it does not tell. */
  readonly started: string;
  /** Tells two locks of one process apart. */
  readonly token: string;
}

let lockCount = 0;

/** @throws {S2Error} `storage` when a living process holds the directory */
export async function lockDirectory(path: string): Promise<DiskLock> {
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    started: startOf(process.pid),
    token: `${process.pid}-${++lockCount}`,
  };
  const draft = `${path}.${own.token}`;
  fs.writeFileSync(draft, JSON.stringify(own));
  try {
    // A link fails when the name exists, and appears with its content whole.
    for (let attempt = 0; attempt < 16; attempt++) {
      if (tryLink(draft, path)) return { release: async () => release(path, own) };
      const text = readIfThere(path);
      if (text === undefined) continue;
      refuseLiving(path, text);
      takeAway(path, text, own);
    }
  } finally {
    fs.rmSync(draft, { force: true });
  }
  throw storageError(`the lock of the directory keeps changing hands path=${path}`);
}

function tryLink(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function refuseLiving(path: string, text: string): void {
  const holder = parseHolder(text);
  if (holder === undefined || !isAlive(holder)) return;
  throw storageError(
    `another process uses this data directory: stop it first pid=${holder.pid} host=${holder.host} lock=${path}`,
  );
}

/** Removes a stale lock, unless another process was faster and the lock is a new one. */
function takeAway(path: string, staleText: string, own: Holder): void {
  const caught = `${path}.stale.${own.token}`;
  try {
    fs.renameSync(path, caught);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return;
    throw error;
  }
  if (fs.readFileSync(caught, "utf8") !== staleText) tryLink(caught, path);
  fs.rmSync(caught, { force: true });
}

function release(path: string, own: Holder): void {
  const text = readIfThere(path);
  if (text !== undefined && parseHolder(text)?.token === own.token)
    fs.rmSync(path, { force: true });
}

function readIfThere(path: string): string | undefined {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "pid" in value
      ? (value as Holder)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A holder on another host (shared file system) counts as alive: nobody here can tell. */
function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (systemCodeOf(error) === "ESRCH") return false;
  }
  return holder.started === "" || holder.started === startOf(holder.pid);
}

/** Boot and start time of a process; empty where there is no /proc. */
function startOf(pid: number): string {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in field 2 may hold blanks; start time is field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return "dead";
    const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return "";
  }
}
