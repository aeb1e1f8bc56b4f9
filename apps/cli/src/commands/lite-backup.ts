// `lite backup`: copies a data directory, also one that a server uses, into a directory of its own.
// The server package takes it; this command tells how far it is and what was made.

import { type BackupReport, takeBackup } from "@s2kit/server-lite";
import { existingStore } from "../files/data-directory.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { showCopy } from "../serving/copy-progress.js";
import { given } from "../values/given.js";
import { count, formatBytes } from "../values/quantity.js";

export async function run({ out, env }: Context, input: Input): Promise<undefined> {
  const directory = existingStore(input.need<string>("directory"), env);
  const target = input.need<string>("target");
  const progress = await showCopy(out);
  let report: BackupReport;
  try {
    const onProgress = progress.show;
    report = await takeBackup({
      directory,
      target,
      onProgress,
      ...given("since", input.get<string>("since")),
    });
  } finally {
    progress.close();
  }
  if (out.isJson) {
    await out.json(report);
    return undefined;
  }
  const { files, bytes, reusedFiles, reusedBytes, takenAt, isOnline } = report;
  const reused =
    reusedFiles === 0 ? "" : `, ${formatBytes(reusedBytes)} of them were there already`;
  out.ok(`${target} has ${count(files, "file")}, ${formatBytes(bytes)}${reused}`);
  out.say(`  taken at ${takenAt} ${isOnline ? "while a server runs" : "while no server runs"}`);
  out.say(`  s2kit lite restore ${target} NEW_DIRECTORY   # brings it back`);
  return undefined;
}
