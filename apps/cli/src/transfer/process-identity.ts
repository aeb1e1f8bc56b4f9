// Who a process is, so that another one can tell later whether it still lives. A process id alone
// lies twice: it is reused, and in another PID namespace it names somebody else or nobody.

import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Of the running kernel; empty where it does not tell. */
  readonly boot: string;
  /** PID namespace; empty where it does not tell. */
  readonly namespace: string;
  /** Start of the process in the kernel's ticks; empty where it does not tell. */
  readonly started: string;
}

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    host: hostname(),
    boot: orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    namespace: orEmpty(() => readlinkSync("/proc/self/ns/pid")),
    started: startOf(process.pid),
  };
}

/** `unknown`: nothing here can tell. */
export function verdictOn(
  other: ProcessIdentity,
  own: ProcessIdentity,
): "alive" | "dead" | "unknown" {
  const isSameKernel = other.boot !== "" && other.boot === own.boot;
  if (isSameKernel && other.namespace !== "" && other.namespace === own.namespace) {
    const started = startOf(other.pid);
    if (started === "") return exists(other.pid) ? "unknown" : "dead";
    return started === other.started ? "alive" : "dead";
  }
  // A system without /proc has no namespaces either; an id that is taken may have been reused.
  const isPlainSystem = own.boot === "" && other.boot === "" && other.host === own.host;
  return isPlainSystem && !exists(other.pid) ? "dead" : "unknown";
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Field 22 of its `stat`; the name in field 2 may hold blanks. A zombie has ended. */
function startOf(pid: number): string {
  return orEmpty(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? "ended" : (fields[18] ?? "");
  });
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
