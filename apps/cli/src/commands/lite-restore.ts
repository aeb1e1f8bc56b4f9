// `lite restore`: brings a backup back into a directory, proven file by file and as a whole. The
// server package restores; this command tells how far it is.

import { type RestoreReport, restoreBackup } from "@s2kit/server-lite";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { showCopy } from "../serving/copy-progress.js";
import { count, formatBytes } from "../values/quantity.js";

export async function run({ out }: Context, input: Input): Promise<undefined> {
  const backup = input.need<string>("backup");
  const directory = input.need<string>("directory");
  const progress = await showCopy(out);
  let report: RestoreReport;
  try {
    report = await restoreBackup({ backup, directory, onProgress: progress.show });
  } finally {
    progress.close();
  }
  if (out.isJson) {
    await out.json(report);
    return undefined;
  }
  const { streams, records, bytes, takenAt } = report;
  out.ok(
    `${directory} is restored and sound: ${count(streams, "stream")}, ${count(records, "record")}, ${formatBytes(bytes)}`,
  );
  out.say(`  as of ${takenAt}: what was appended later is not in it`);
  out.say(`  s2kit lite --local-root ${directory}`);
  return undefined;
}
