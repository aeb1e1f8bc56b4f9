// One process at a time for one file, by a lock file beside it. Node reaches no lock of the kernel,
// so two proofs stand in for it. In the same PID namespace of the same boot the holder's process id
// and start time say whether it lives. From anywhere else (another container, another host on a
// shared disk) a process id says nothing: there the lock's own pulse counts, which a living holder
// renews and a dead one cannot. The pulse is watched for a while, never compared with a clock that
// may differ.
//
// A holder that was stopped for longer than that may lose its lock: it must ask `requireHeld`
// before it says that something is finished.

import { type FileHandle, link, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { CliError } from "../values/failure.js";
import { ownIdentity, type ProcessIdentity, verdictOn } from "./process-identity.js";

const PULSE_MS = 1000;
/** So long without a pulse and a holder that cannot be asked is dead. */
const SILENCE_MS = 10_000;
const LOOK_MS = 250;
const MAX_TRIES = 8;

export interface FileLock {
  /** @throws {CliError} when another process took the lock over */
  requireHeld(): Promise<void>;
  release(): Promise<void>;
}

export interface LockComponents {
  /** The holder cannot be asked; it is watched for so many seconds. */
  readonly onWait: (seconds: number) => void;
}

let lockCount = 0;

/** @throws {CliError} while another process holds it */
export async function lockFile(path: string, components: LockComponents): Promise<FileLock> {
  const lockPath = `${path}.lock`;
  const text = JSON.stringify({ ...ownIdentity(), token: `${process.pid}-${++lockCount}` });
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const file = await tryCreate(lockPath, text);
    if (file !== undefined) return held(lockPath, text, file);
    const found = await textOf(lockPath);
    if (found === undefined) continue;
    const holder = holderOf(found);
    if (!(await isGone(lockPath, holder, components))) throw isLocked(lockPath, holder);
    await takeAway(lockPath, found);
  }
  throw isLocked(lockPath, undefined);
}

/**
 * Makes the lock file, once: it is there empty before its text, and until then its pulse speaks for
 * the holder.
 */
async function tryCreate(path: string, text: string): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, "wx");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw new CliError(`cannot write here path=${dirname(path)}`, { cause });
  }
  await file.writeFile(text);
  return file;
}

function held(path: string, text: string, file: FileHandle): FileLock {
  const pulse = setInterval(() => {
    const now = new Date();
    file.utimes(now, now).catch(() => undefined);
  }, PULSE_MS);
  pulse.unref();
  const isHeld = async (): Promise<boolean> => (await textOf(path)) === text;
  return {
    async requireHeld() {
      if (await isHeld()) return;
      throw new CliError(`another process took the lock over lock=${path}`, {
        hint: "this one was stopped for too long; run it again",
      });
    },
    async release() {
      clearInterval(pulse);
      await file.close();
      if (await isHeld()) await rm(path, { force: true });
      await rm(deadPath(path), { force: true });
    },
  };
}

async function isGone(
  path: string,
  holder: ProcessIdentity | undefined,
  { onWait }: LockComponents,
): Promise<boolean> {
  const verdict = holder === undefined ? "unknown" : verdictOn(holder, ownIdentity());
  if (verdict !== "unknown") return verdict === "dead";
  onWait(SILENCE_MS / 1000);
  const first = await pulseOf(path);
  for (let waited = 0; waited < SILENCE_MS; waited += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if ((await pulseOf(path)) !== first) return false;
  }
  return true;
}

/**
 * Opened anew each time: shared disks look at the server then. A lock that went away has moved too.
 */
async function pulseOf(path: string): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      const { mtimeMs, ino } = await file.stat();
      return `${ino} ${mtimeMs}`;
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** Of two that found the same dead lock one catches it; what else was caught is put back. */
async function takeAway(path: string, deadText: string): Promise<void> {
  const caught = deadPath(path);
  try {
    await rename(path, caught);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if ((await textOf(caught)) !== deadText) await link(caught, path).catch(() => undefined);
  await rm(caught, { force: true });
}

/** One name for all: a crash here leaves one file, and the next export removes it. */
function deadPath(path: string): string {
  return `${path}.dead`;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function holderOf(text: string): ProcessIdentity | undefined {
  try {
    const { pid, host, boot, namespace, started } = JSON.parse(text) as Record<string, unknown>;
    if (
      typeof pid === "number" &&
      typeof host === "string" &&
      typeof boot === "string" &&
      typeof namespace === "string" &&
      typeof started === "string"
    )
      return { pid, host, boot, namespace, started };
  } catch {
    // Not ours, or half: its pulse decides.
  }
  return undefined;
}

function isLocked(path: string, holder: ProcessIdentity | undefined): CliError {
  const who = holder === undefined ? "" : ` pid=${holder.pid} host=${holder.host}`;
  return new CliError(`another process is writing here${who} lock=${path}`, {
    hint: "wait until it is done, or stop it",
  });
}
