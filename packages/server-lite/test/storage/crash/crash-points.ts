// Where a life of a store may end: the calls of the engine to its disk, by label.

import { UPGRADE_CRASH_POINTS } from "../upgrade/format-1-turns.js";

/** Every call of the engine to its disk, by label; those of the log twice, as the ack path. */
export const CRASH_POINTS: readonly string[] = [
  "close data file",
  "close format",
  "close log",
  "close next log segment",
  "lock",
  "make directory",
  "list",
  "open data file",
  "open format",
  "open log",
  "open next log segment",
  "read data file",
  "read format",
  "read log",
  "remove data file",
  "remove log",
  "remove next log segment",
  "rename format",
  "rename log",
  "state transaction",
  "sync data file",
  "sync directory of data file",
  "sync directory of format",
  "sync directory of log",
  "sync directory of state",
  "sync format",
  "sync log",
  "sync next log segment",
  "truncate format",
  "truncate next log segment",
  "write data file",
  "write format",
  "write log",
  "write next log segment",
  "writing data file",
  "writing format",
  "writing log",
  "writing log",
  "writing next log segment",
];

/** Those of a start that upgrades the directory. */
export const ALL_CRASH_POINTS: readonly string[] = [...CRASH_POINTS, ...UPGRADE_CRASH_POINTS];
/** Reached by few histories: they have a test of their own. */
export const RARE_CRASH_POINTS: readonly string[] = [
  "remove log",
  "remove next log segment",
  "truncate format",
  "rename format",
];
