// Files for one person's eyes: mode 0600 in a directory of mode 0700, written whole, never half (a
// temporary file is synced, renamed, and its directory synced), one writer at a time, and never
// through a symbolic link. Knows nothing of what is in them. Spec: cli#file, cli#stored-tokens.

import { randomUUID } from "node:crypto";
import { constants, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { CliError } from "../values/failure.js";

const LOCK_POLL_MS = 50;
const LOCK_PATIENCE_MS = 60_000;

/** @throws {CliError} when it is a symbolic link */
export async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await refuseSymlink(directory);
}

/** A link could lead the credential into somebody else's directory. */
export async function refuseSymlink(directory: string): Promise<void> {
  const stat = await lstat(directory);
  if (stat.isSymbolicLink())
    throw new CliError(`the configuration directory is a symbolic link path=${directory}`, {
      hint: "make it a real directory; secrets are not written through links",
    });
}

/** Writes a file of mode 0600 as a whole: after a crash it holds the old text or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** New, renamed and removed names are durable from here on. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** One writer at a time; a lock that outlives its patience is somebody's crash and is named. */
export async function withLock(path: string, action: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      await (await open(path, "wx", 0o600)).close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (Date.now() > deadline)
        throw new CliError(`the configuration is locked path=${path}`, {
          hint: "remove the lock file if no other s2kit is running",
        });
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
  }
  try {
    await action();
  } finally {
    await rm(path, { force: true });
  }
}
