// How many connections clients have open to a server of this machine, as the system counts them: a process does not tell of
// sockets that it would not wait for, and those that a pool keeps are such.

import { readFileSync } from "node:fs";

/** Columns of the system's table: the other end, and the state. */
const REMOTE = 2;
const STATE = 3;
const ESTABLISHED = "01";

/** Undefined where the system has no such table. */
export function clientConnections(port: number): number | undefined {
  try {
    return countTo(readFileSync("/proc/net/tcp", "utf8"), port);
  } catch {
    return undefined;
  }
}

/** @param table - as Linux writes it: each connection of the machine itself stands in it twice, once from each end */
export function countTo(table: string, port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").filter((line) => {
    const columns = line.trim().split(/\s+/);
    return columns[STATE] === ESTABLISHED && columns[REMOTE]?.endsWith(`:${hex}`) === true;
  }).length;
}
