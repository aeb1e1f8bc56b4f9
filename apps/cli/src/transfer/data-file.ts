// The data file of an exported stream: json-base64 lines, as `read` prints them. Before an export
// goes on it, what its manifest or progress says is proven: length, SHA-256, number of lines,
// rising sequence numbers. Nothing is changed here.

import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { CliError } from "../values/failure.js";
import { type ExportState, manifestPath } from "./manifest.js";

const MAX_LINE_BYTES: number = 8 * 1024 * 1024;
const LF = 0x0a;

/** The proven beginning of a data file. */
export interface ProvenData {
  readonly records: number;
  readonly bytes: number;
  readonly lastSeqNum: number | undefined;
  /** Without its line end. */
  readonly lastLine: Uint8Array | undefined;
  /** Over the proven bytes; goes on with what follows. */
  readonly hash: Hash;
}

/** @throws {CliError} exit code 9 when the file is not what the state says */
export async function proveData(path: string, state: ExportState | undefined): Promise<ProvenData> {
  if (state === undefined) return new LineScan(path, 0).result();
  const scan = new LineScan(path, state.records);
  // Version 1 tells no length: there the proven part ends with its last line.
  const end = state.bytes ?? (state.records === 0 ? 0 : Number.POSITIVE_INFINITY);
  if (end > 0)
    for await (const chunk of piecesOf(path, end))
      if (scan.take(chunk, state.bytes === undefined)) break;
  const proven = scan.result();
  if (state.bytes !== undefined && proven.bytes < state.bytes)
    throw doesNotMatch(path, `it has ${proven.bytes} bytes instead of ${state.bytes}`);
  if (proven.records !== state.records)
    throw doesNotMatch(path, `it has ${proven.records} lines instead of ${state.records}`);
  if (proven.hash.copy().digest("hex") !== state.sha256)
    throw doesNotMatch(path, "its SHA-256 is another one");
  if (proven.lastSeqNum !== undefined && proven.lastSeqNum >= state.nextSeqNum)
    throw doesNotMatch(path, `it goes on to seq_num ${proven.lastSeqNum}`);
  return proven;
}

/** The bytes before `end`; none when the file is not there. */
async function* piecesOf(path: string, end: number): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of createReadStream(path, { end: end - 1 })) yield chunk as Buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

class LineScan {
  readonly #path: string;
  readonly #maxRecords: number;
  readonly #hash = createHash("sha256");
  #records = 0;
  #bytes = 0;
  #lastSeqNum: number | undefined;
  #lastLine: Uint8Array | undefined;
  /** Pieces of a line whose end is still to come. */
  #open: Uint8Array[] = [];
  #openBytes = 0;

  constructor(path: string, maxRecords: number) {
    this.#path = path;
    this.#maxRecords = maxRecords;
  }

  /** @returns true when `stopsAtCount` and all wanted lines were seen; the rest is not looked at */
  take(chunk: Uint8Array, stopsAtCount: boolean): boolean {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.#line(chunk.subarray(start, end));
      start = end + 1;
      if (stopsAtCount && this.#records === this.#maxRecords) {
        this.#count(chunk.subarray(0, start));
        return true;
      }
    }
    this.#open.push(chunk.subarray(start));
    this.#openBytes += chunk.length - start;
    if (this.#openBytes > MAX_LINE_BYTES) throw doesNotMatch(this.#path, "a line is too long");
    this.#count(chunk);
    return false;
  }

  result(): ProvenData {
    if (this.#openBytes > 0) throw doesNotMatch(this.#path, "its last line is half");
    return {
      records: this.#records,
      bytes: this.#bytes,
      lastSeqNum: this.#lastSeqNum,
      lastLine: this.#lastLine,
      hash: this.#hash,
    };
  }

  #line(end: Uint8Array): void {
    const line = this.#openBytes === 0 ? end : Buffer.concat([...this.#open, end]);
    this.#open = [];
    this.#openBytes = 0;
    const seqNum = seqNumOf(line);
    if (seqNum === undefined)
      throw doesNotMatch(this.#path, `line ${this.#records + 1} is no record`);
    if (this.#lastSeqNum !== undefined && seqNum <= this.#lastSeqNum)
      throw doesNotMatch(this.#path, `seq_num ${seqNum} comes after ${this.#lastSeqNum}`);
    this.#records++;
    this.#lastSeqNum = seqNum;
    this.#lastLine = line;
  }

  #count(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }
}

/** Ours begin with it; the whole line is covered by the checksum. */
function seqNumOf(line: Uint8Array): number | undefined {
  const start = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, 40));
  const digits = /^\{"seq_num":(\d{1,16})[,}]/.exec(start.toString("latin1"))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function doesNotMatch(path: string, why: string): CliError {
  return new CliError(`the data does not match its manifest: ${why} path=${path}`, {
    exitCode: 9,
    hint: `put the data back, or export into another file; nothing was changed (${manifestPath(path)})`,
  });
}
