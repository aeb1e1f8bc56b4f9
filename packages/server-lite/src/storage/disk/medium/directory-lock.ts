// One process per data directory. Node has no locks of the kernel on files, so two things prove a
// holder: a socket in the directory, which the kernel answers for as long as the process is there,
// and a LOCK file that it renews, which a process on another machine can watch. Host names and
// process ids prove nothing: containers share and change both. See docs/decisions/0045.
//
// A link makes the LOCK file: it fails when the name exists. A lock of the dead is renamed away
// first and read again: of two processes that both found it, only one catches it.

import * as fs from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { type Clock, sleep, systemClock, systemRandom } from "@s2kit/core";
import { storageError } from "../../durability.js";
import { DirectoryLease, WATCH_MS } from "./directory-lease.js";
import { type DiskLock, type LockOptions, systemCodeOf } from "./disk.js";
import { askLife, openLifeSign } from "./life-sign.js";
import { encodeLock, type LockRecord, machineName, parseLock } from "./lock-record.js";

const MAX_ATTEMPTS = 16;
const WATCH_STEP_MS = 500;
/** Others that came at the same moment have this long to see that they are late, ms. */
const CROWD_MS = 2000;
const CROWD_STEP_MS = 20;

/**
 * @param path - of the LOCK file
 * @throws {S2Error} `storage` when another process holds the directory, or may hold it
 */
export async function lockDirectory(path: string, options: LockOptions = {}): Promise<DiskLock> {
  const { clock = systemClock, random = systemRandom } = options;
  const token = `${process.pid}-${Buffer.from(random.bytes(6)).toString("hex")}`;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const text = readIfThere(path);
    if (text !== undefined) {
      const stale = await requireDead(path, text, clock, options);
      if (!takeAway(path, stale, `${path}.${token}.stale`)) continue;
    }
    const lease = await tryTake(path, `${token}-${attempt}`, clock);
    if (lease !== undefined) return lease;
  }
  throw storageError(`the lock of the directory keeps changing hands path=${path}`);
}

/** @returns undefined when another process was faster */
async function tryTake(path: string, token: string, clock: Clock): Promise<DiskLock | undefined> {
  const directory = dirname(path);
  const draft = `${path}.${token}.new`;
  const sign = await openLifeSign(directory, `LOCK.${token}.sock`);
  let fd: number | undefined;
  let lease: DirectoryLease | undefined;
  try {
    const record: LockRecord = {
      pid: process.pid,
      host: hostname(),
      machine: machineName(),
      token,
      sign: sign?.name,
      beat: 0,
    };
    const startMs = clock.monotonic();
    fd = fs.openSync(draft, "wx+", 0o600);
    fs.writeSync(fd, encodeLock(record), 0, "utf8");
    fs.fdatasyncSync(fd);
    if (tryLink(draft, path)) {
      lease = new DirectoryLease({ path, fd, record, sign, clock, startMs });
      await requireAlone(path, sign?.name, clock);
      return lease;
    }
  } catch (error) {
    await lease?.release();
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
    if (lease === undefined) {
      if (fd !== undefined) fs.closeSync(fd);
      sign?.close();
    }
  }
  return undefined;
}

/**
 * Also without a LOCK file somebody may be there: it was removed by hand. Signs of the dead go.
 *
 * @throws {S2Error} `storage`
 */
async function requireAlone(path: string, own: string | undefined, clock: Clock): Promise<void> {
  const directory = dirname(path);
  const lateMs = clock.monotonic() + CROWD_MS;
  for (;;) {
    let living: string | undefined;
    for (const name of fs.readdirSync(directory)) {
      if (name === own || !/^LOCK\..*\.sock$/.test(name)) continue;
      const liveness = await askLife(directory, name);
      if (liveness === "dead") fs.rmSync(`${directory}/${name}`, { force: true });
      if (liveness === "living") living = name;
    }
    if (living === undefined) return;
    if (clock.monotonic() >= lateMs)
      throw storageError(
        `another process uses this data directory, without its lock file: stop it first socket=${directory}/${living}`,
      );
    await sleep(clock, CROWD_STEP_MS);
  }
}

/**
 * Returns once the holder is proven dead.
 *
 * @returns what the file said last
 * @throws {S2Error} `storage` when the holder lives, or nothing tells
 */
async function requireDead(
  path: string,
  text: string,
  clock: Clock,
  options: LockOptions,
): Promise<string> {
  const lock = parseLock(text);
  if (lock.kind === "older") {
    if (options.takesOver === true) return text;
    throw storageError(
      `the lock of an older version does not tell whether its process lives: when no server uses this data directory, start with --take-over (storage.takeOver) pid=${lock.pid} host=${lock.host} lock=${path}`,
    );
  }
  const record = lock.kind === "held" ? lock.record : undefined;
  if (record?.sign !== undefined && record.machine === machineName()) {
    const liveness = await askLife(dirname(path), record.sign);
    if (liveness === "living") throw inUse(path, record);
    if (liveness === "dead") return text;
  }
  if (options.takesOver === true) return text;
  return watch(path, text, record, clock, options);
}

/** The holder is on another machine, or its socket is gone: a living one renews its lock. */
async function watch(
  path: string,
  text: string,
  record: LockRecord | undefined,
  clock: Clock,
  options: LockOptions,
): Promise<string> {
  const untilMs = clock.monotonic() + WATCH_MS;
  options.onWatch?.({ lock: path, host: record?.host ?? "", pid: record?.pid ?? 0, ms: WATCH_MS });
  while (clock.monotonic() < untilMs) {
    await sleep(clock, WATCH_STEP_MS);
    const now = readIfThere(path);
    if (now === undefined) return text;
    if (now !== text) throw inUse(path, record);
  }
  return text;
}

function inUse(path: string, record: LockRecord | undefined): Error {
  const who = record === undefined ? "" : `pid=${record.pid} host=${record.host} `;
  return storageError(`another process uses this data directory: stop it first ${who}lock=${path}`);
}

/** Removes a lock of the dead. @returns false when it is another one now, which stays */
function takeAway(path: string, staleText: string, caught: string): boolean {
  try {
    fs.renameSync(path, caught);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return true;
    throw error;
  }
  const isStale = fs.readFileSync(caught, "utf8") === staleText;
  if (!isStale) tryLink(caught, path);
  fs.rmSync(caught, { force: true });
  return isStale;
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

function readIfThere(path: string): string | undefined {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
