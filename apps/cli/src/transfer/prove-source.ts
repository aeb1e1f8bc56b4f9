// Is the stream behind a name still the one that was exported? Its creation time says so, and its
// records do: the last one of the file must be there, the same, or provably trimmed. A stream that
// was made anew would otherwise continue somebody else's file.

import type { S2Stream } from "@s2kit/client";
import { recordFormat } from "../record-format/format-table.js";
import { tailSeqNum } from "../records/read-start.js";
import { CliError, usageError } from "../values/failure.js";
import type { ProvenData } from "./data-file.js";
import type { ExportState } from "./manifest.js";
import { recordAt } from "./source-stream.js";

export interface Source {
  readonly basin: string;
  readonly stream: S2Stream;
  readonly createdAt: string | undefined;
  /** Of the data file, for errors. */
  readonly path: string;
}

/**
 * @throws {CliError} exit code 2 for the file of another name, 9 for another stream behind the name
 */
export async function proveSource(
  source: Source,
  before: ExportState | undefined,
  data: ProvenData,
): Promise<void> {
  if (before === undefined) return;
  const { stream, basin, path } = source;
  const isOtherName =
    before.stream !== stream.name || (before.basin !== undefined && before.basin !== basin);
  if (isOtherName)
    throw usageError(
      `the file holds another stream path=${path} uri=s2://${before.basin ?? basin}/${before.stream}`,
      "export into another file",
    );
  const isKnownSame = before.createdAt !== undefined && before.createdAt === source.createdAt;
  if (!isKnownSame && before.createdAt !== undefined && source.createdAt !== undefined)
    throw madeAnew(path, `exported was the one of ${before.createdAt}, now ${source.createdAt}`);
  const tail = await tailSeqNum(stream);
  if (tail < before.nextSeqNum)
    throw madeAnew(path, `it ends at ${tail}, the file goes to ${before.nextSeqNum}`);
  await proveLastRecord(source, data, isKnownSame);
}

async function proveLastRecord(
  { stream, path }: Source,
  { lastSeqNum, lastLine }: ProvenData,
  isKnownSame: boolean,
): Promise<void> {
  if (lastSeqNum === undefined || lastLine === undefined) return;
  const record = await recordAt(stream, lastSeqNum);
  if (record !== undefined) {
    const { bytes } = recordFormat("json-base64").encode([record]);
    if (Buffer.compare(bytes.subarray(0, -1), lastLine) !== 0)
      throw madeAnew(path, `record ${lastSeqNum} is another one`);
    return;
  }
  if (isKnownSame) return;
  throw new CliError(
    `it cannot be told whether this is the stream that was exported: record ${lastSeqNum} was trimmed, and its creation time is not known path=${path}`,
    { exitCode: 9, hint: "export into another file, and keep this one" },
  );
}

function madeAnew(path: string, why: string): CliError {
  return new CliError(`the stream was made anew since it was exported: ${why} path=${path}`, {
    exitCode: 9,
    hint: "export it into another file; this one is left as it is",
  });
}
