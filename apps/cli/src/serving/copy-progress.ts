// One line that says how far a backup or a restore is, on a terminal; nothing elsewhere. Called by
// the commands of both, which say what was made themselves.

import type { BackupProgress } from "@s2kit/server-lite";
import type { Output } from "../frame/output.js";
import { openLiveLine } from "../show/live-line.js";
import { formatBytes } from "../values/quantity.js";

const WORDS: Readonly<Record<BackupProgress["phase"], string>> = {
  data: "copying data files",
  log: "copying the log",
  state: "copying the state",
  verify: "proving every checksum",
};

export interface CopyProgress {
  readonly show: (progress: BackupProgress) => void;
  readonly close: () => void;
}

export async function showCopy(out: Output): Promise<CopyProgress> {
  const line = await openLiveLine(out);
  return {
    show: ({ phase, files, filesInAll, bytes }) =>
      line.show(() => `${WORDS[phase]}: ${files} of ${filesInAll} files, ${formatBytes(bytes)}`),
    close: () => line.close(),
  };
}
