// Every public package of the repository, packed as it would be published.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTarball, type Tarball } from "./tarball.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** The folders of the public packages, from the root of the repository. */
export const PUBLIC_FOLDERS = [
  "packages/core",
  "packages/client",
  "packages/producer",
  "packages/server-lite",
  "packages/studio",
  "packages/conformance",
  "packages/resumable",
  "packages/yjs",
  "apps/cli",
] as const;

/** Their names, as strangers install them. */
export const PUBLIC_NAMES: readonly string[] = PUBLIC_FOLDERS.map(
  (folder) => `@s2kit/${basename(folder)}`,
);

/** The folder of a package on this machine. */
export const folderOf = (folder: string): string => join(root, folder);

let packed: readonly Tarball[] | undefined;

/** All of them, packed by pnpm: once in a run. */
export function packAll(): readonly Tarball[] {
  packed ??= pack();
  return packed;
}

function pack(): readonly Tarball[] {
  const directory = mkdtempSync(join(tmpdir(), "s2kit-packed-"));
  try {
    return PUBLIC_FOLDERS.map((folder, index) => {
      const file = join(directory, `${index}.tgz`);
      execFileSync("pnpm", ["pack", "--out", file], { cwd: folderOf(folder), stdio: "pipe" });
      return readTarball(readFileSync(file));
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
