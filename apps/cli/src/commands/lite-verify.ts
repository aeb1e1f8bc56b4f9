// `lite verify`: proves every checksum of a data directory that no server uses, of a backup, or of
// a store in a bucket, and changes nothing. The server package verifies; this command reports. Exit
// code 1 when something is wrong.

import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  BACKUP_FILE,
  type BucketPlace,
  verifyBackup,
  verifyBucket,
  verifyDirectory,
} from "@s2kit/server-lite";
import { existingStore } from "../files/data-directory.js";
import type { Context } from "../frame/context.js";
import type { Input } from "../frame/input.js";
import type { Output } from "../frame/output.js";
import { bucketPlaceOf, bucketText } from "../serving/lite-storage.js";
import { EXIT, type ExitCode } from "../values/exit-codes.js";
import { count, formatBytes } from "../values/quantity.js";

/** What was found, whatever the medium. */
interface Found {
  readonly isSound: boolean;
  readonly problems: readonly string[];
  readonly problemCount: number;
  /** What was looked at, in words. */
  readonly walked: string;
  /** All of it, for programs. */
  readonly report: object;
}

export async function run({ out, env }: Context, input: Input): Promise<ExitCode> {
  const place = bucketPlaceOf(input);
  const where =
    place === undefined ? existingStore(input.get<string>("directory"), env) : bucketText(place);
  if (out.stderr.isTTY === true) out.dim(`proving every checksum in ${where}`);
  const found = await (place !== undefined
    ? inBucket(place)
    : existsSync(join(where, BACKUP_FILE))
      ? inBackup(where)
      : inDirectory(where));
  await report(out, where, found);
  return found.isSound ? EXIT.ok : EXIT.failed;
}

async function report(out: Output, where: string, found: Found): Promise<void> {
  if (out.isJson) return out.json(found.report);
  for (const problem of found.problems) await out.line(problem);
  const { isSound, problems, problemCount, walked } = found;
  if (isSound) out.ok(`${where} is sound: ${walked}`);
  else
    out.warn(`${where} has ${count(problemCount, "problem")}, ${problems.length} shown: ${walked}`);
}

async function inDirectory(directory: string): Promise<Found> {
  const report = await verifyDirectory({ directory });
  const { streams, records, logGroups, logBytes, dataFiles, stateEntries } = report;
  return {
    isSound: report.isSound,
    problems: report.problems.map(
      ({ file, offset, what }) => `${file}${offset === undefined ? "" : ` at ${offset}`}: ${what}`,
    ),
    problemCount: report.problemCount,
    walked: `${count(streams, "stream")}, ${count(records, "record")}, ${count(logGroups, "log group")} (${formatBytes(logBytes)}), ${count(dataFiles, "data file")}, ${stateEntries} state entries`,
    report: { directory, ...report },
  };
}

async function inBackup(directory: string): Promise<Found> {
  const report = await verifyBackup(directory);
  const { isSound, problems, files, bytes, takenAt } = report;
  return {
    isSound,
    problems,
    problemCount: problems.length,
    walked: `${count(files, "file")} of a backup (${formatBytes(bytes)}), taken at ${takenAt}`,
    report: { backup: directory, ...report },
  };
}

async function inBucket(place: BucketPlace): Promise<Found> {
  const report = await verifyBucket(place);
  const { streams, records, recordBytes, logObjects, dataObjects, extents } = report;
  return {
    isSound: report.isSound,
    problems: report.problems.map(({ what, stream }) =>
      stream === undefined ? what : `stream=${stream} ${what}`,
    ),
    problemCount: report.problemCount,
    walked: `${count(streams, "stream")}, ${count(records, "record")} (${formatBytes(recordBytes)}), ${count(logObjects, "log object")}, ${count(dataObjects, "data object")} of ${count(extents, "extent")}`,
    report: { bucket: bucketText(place), ...report },
  };
}
