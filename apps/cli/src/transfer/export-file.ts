// An exported stream on disk: a data file of json-base64 lines, as `read` prints them, and beside it
// a manifest that is written last and says that the data is complete. Without its manifest a data
// file is unfinished and can be continued after its last whole line. Spec: CLI section 16 (7).

import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, stat, truncate } from "node:fs/promises";
import { type StreamConfig, streamConfigFromJson, streamConfigToJson } from "@s2kit/core/control";
import { CliError } from "../failure.js";
import { splitLines } from "../record-format/lines.js";

const MAX_LINE_BYTES: number = 8 * 1024 * 1024;

export interface Manifest {
  readonly stream: string;
  readonly config: StreamConfig;
  readonly records: number;
  /** Where a later export goes on. */
  readonly nextSeqNum: number;
  /** Of the data file. */
  readonly sha256: string;
}

/** What a data file holds so far. */
export interface DataState {
  readonly records: number;
  readonly lastSeqNum: number | undefined;
  readonly bytes: number;
  readonly hash: Hash;
}

export function manifestPath(dataPath: string): string {
  return `${dataPath}.manifest.json`;
}

/** Undefined when there is none: the export never finished. */
export async function readManifest(dataPath: string): Promise<Manifest | undefined> {
  const path = manifestPath(dataPath);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CliError(`cannot read the manifest path=${path}`, { cause: error });
  }
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    const { stream, records, next_seq_num: nextSeqNum, sha256 } = json;
    if (
      typeof stream === "string" &&
      typeof records === "number" &&
      typeof nextSeqNum === "number" &&
      typeof sha256 === "string"
    )
      return { stream, records, nextSeqNum, sha256, config: streamConfigFromJson(json.config) };
  } catch (error) {
    throw new CliError(`not a manifest path=${path}`, { cause: error });
  }
  throw new CliError(`not a manifest path=${path}`);
}

/** Whole or not at all. */
export async function writeManifest(dataPath: string, manifest: Manifest): Promise<void> {
  const path = manifestPath(dataPath);
  const file = await open(`${path}.tmp`, "w");
  try {
    await file.writeFile(
      `${JSON.stringify(
        {
          version: 1,
          stream: manifest.stream,
          config: streamConfigToJson(manifest.config),
          records: manifest.records,
          next_seq_num: manifest.nextSeqNum,
          sha256: manifest.sha256,
        },
        undefined,
        2,
      )}\n`,
    );
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}

/** Reads what is there, cuts off a torn last line, and answers where to go on. */
export async function recoverData(path: string): Promise<DataState> {
  const hash = createHash("sha256");
  let size: number;
  try {
    ({ size } = await stat(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      return { records: 0, lastSeqNum: undefined, bytes: 0, hash };
    throw error;
  }
  let records = 0;
  let bytes = 0;
  let last: Uint8Array | undefined;
  for await (const lines of splitLines(createReadStream(path), MAX_LINE_BYTES))
    for (const line of lines) {
      // A last line that was torn off has no newline and may be half a record.
      if (bytes + line.length + 1 > size) break;
      hash.update(line).update("\n");
      bytes += line.length + 1;
      records++;
      last = line;
    }
  if (bytes < size) await truncate(path, bytes);
  return {
    records,
    lastSeqNum: last === undefined ? undefined : seqNumOf(last, path),
    bytes,
    hash,
  };
}

function seqNumOf(line: Uint8Array, path: string): number {
  try {
    const { seq_num: seqNum } = JSON.parse(Buffer.from(line).toString("utf8")) as {
      seq_num?: unknown;
    };
    if (typeof seqNum === "number") return seqNum;
  } catch {
    // Said below.
  }
  throw new CliError(`not an unfinished export path=${path}`, {
    hint: "remove the file, or export to another place",
  });
}
