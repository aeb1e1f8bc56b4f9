// `lite verify`: proves every checksum of a data directory that no server uses, and changes
// nothing. The server package verifies; this command reports. Exit code 1 when something is wrong.

import { verifyDirectory } from "@s2kit/server-lite";
import { existingStore } from "../files/data-directory.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { count, formatBytes } from "../values/quantity.js";

export async function run({ out, env }: Context, input: Input): Promise<ExitCode> {
  const directory = existingStore(input.get<string>("directory"), env);
  if (out.stderr.isTTY === true) out.dim(`proving every checksum in ${directory}`);
  const report = await verifyDirectory({ directory });
  const exitCode = report.isSound ? EXIT.ok : EXIT.failed;
  if (out.isJson) {
    await out.json({ directory, ...report });
    return exitCode;
  }
  for (const { file, offset, what } of report.problems)
    await out.line(`${file}${offset === undefined ? "" : ` at ${offset}`}: ${what}`);
  const { streams, records, logGroups, logBytes, dataFiles, stateEntries, problemCount } = report;
  const walked = `${count(streams, "stream")}, ${count(records, "record")}, ${count(logGroups, "log group")} (${formatBytes(logBytes)}), ${count(dataFiles, "data file")}, ${stateEntries} state entries`;
  if (report.isSound) out.ok(`${directory} is sound: ${walked}`);
  else
    out.warn(
      `${directory} has ${count(problemCount, "problem")}, ${report.problems.length} shown: ${walked}`,
    );
  return exitCode;
}
