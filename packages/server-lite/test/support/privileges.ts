// What this machine lets a test do: name spaces of its own and small disks need root on Linux.
// Elsewhere such tests are skipped, with the reason printed once; each has a twin that runs everywhere.

import { spawnSync } from "node:child_process";

/** The command and its arguments that give a child a process table of its own. */
export const OWN_PROCESSES: readonly string[] = [
  "unshare",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
];

/** And a host name of its own. */
export const OWN_HOST_NAME: readonly string[] = ["unshare", "--uts"];

export const canUnshare: boolean = can("own process tables and host names", [
  ...OWN_PROCESSES,
  "unshare",
  "--uts",
  "true",
]);

function can(what: string, [command = "", ...args]: readonly string[]): boolean {
  const { status } = spawnSync(command, args, { stdio: "ignore" });
  if (status === 0) return true;
  process.stderr.write(`skipped: tests that need ${what} (root on Linux): ${command}\n`);
  return false;
}

export const canMount: boolean = can("disks of their own", [
  "unshare",
  "--mount",
  "mount",
  "-t",
  "tmpfs",
  "-o",
  "size=1m",
  "tmpfs",
  "/mnt",
]);
