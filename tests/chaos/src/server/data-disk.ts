// Where the server keeps its data: a folder, or a small file system of its own that can be made full. The second
// needs a machine that lets us mount; whoever asks is told why it does not.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, statfsSync } from "node:fs";

export interface DataDisk {
  readonly directory: string;
  /** Undefined: nothing can be made full here. */
  readonly resize: ((bytes: number) => boolean) | undefined;
  readonly usedBytes: () => number;
  readonly sizeBytes: () => number;
  /** What is on it goes to a folder first, if one is named. */
  remove(keepAs: string | undefined): void;
}

/** In memory; holds a long run. */
export const DISK_BYTES: number = 2 * 1024 ** 3;

export function openFolder(directory: string): DataDisk {
  mkdirSync(directory, { recursive: true });
  return {
    directory,
    resize: undefined,
    usedBytes: () => 0,
    sizeBytes: () => Number.POSITIVE_INFINITY,
    remove: (keepAs) => {
      if (keepAs === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** @returns why there can be none, in words */
export function openSmallDisk(directory: string): DataDisk | string {
  mkdirSync(directory, { recursive: true });
  const made = command("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", directory]);
  if (made !== undefined) return made;
  const usedBytes = (): number => {
    const { bsize, blocks, bfree } = statfsSync(directory);
    return (blocks - bfree) * bsize;
  };
  const unmount = (): void => void command("umount", ["-l", directory]);
  process.once("exit", unmount);
  return {
    directory,
    usedBytes,
    sizeBytes: () => {
      const { bsize, blocks } = statfsSync(directory);
      return blocks * bsize;
    },
    resize: (bytes) =>
      command("mount", ["-o", `remount,size=${Math.max(bytes, 4096)}`, directory]) === undefined,
    remove(keepAs) {
      if (keepAs !== undefined) cpSync(directory, keepAs, { recursive: true });
      process.off("exit", unmount);
      unmount();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** @returns what went wrong */
export function command(file: string, args: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(file, args, { encoding: "utf8", timeout: 10_000 });
  if (error !== undefined) return `${file}: ${error.message}`;
  return status === 0 ? undefined : `${file}: ${stderr.trim() || `exit ${status}`}`;
}
