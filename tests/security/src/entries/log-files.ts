// The log and the data files of the disk engine. Inputs are files without the zeros that fill sectors; their
// checksums are made to fit again now and then, so that what lies behind the proofs is reached too.

import { crc32 } from "node:zlib";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  loadExtent,
  loadFooter,
} from "../../../../packages/server-lite/src/storage/disk/data/data-file.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { DataFileWriter } from "../../../../packages/server-lite/src/storage/disk/data/data-file-writer.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  findLaterGroup,
  LogScan,
} from "../../../../packages/server-lite/src/storage/disk/log/log-scan.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../packages/server-lite/src/storage/disk/state/memory-state-store.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { FIRST_CURSOR } from "../../../../packages/server-lite/src/storage/log/checkpoint.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { checksumOf } from "../../../../packages/server-lite/src/storage/log/checksum.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  alignUp,
  GROUP_HEADER_BYTES,
  GROUP_MAGIC,
  readGroupHeader,
  SECTOR_BYTES,
  viewOf,
  writeGroupHeader,
} from "../../../../packages/server-lite/src/storage/log/group.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { STRICT_PROOF } from "../../../../packages/server-lite/src/storage/log/group-proof.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { repeatGroup } from "../../../../packages/server-lite/src/storage/log/mutation-rows.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import * as row from "../../../../packages/server-lite/src/storage/log/row.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { encodeSwitch } from "../../../../packages/server-lite/src/storage/log/segment-switch.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { StateTables } from "../../../../packages/server-lite/src/storage/log/state-tables.js";
import { agree, type Entry, lateOutcomeOf, utf8, wordFor, wordOf } from "../engine/entry.js";
import { MemoryFile, memoryDisk } from "./memory-file.js";

const STORE_KEY = 0x5eed;

interface RowDraft {
  readonly kind: number;
  readonly payload?: Uint8Array;
  readonly stream?: number;
  readonly seqNum?: number;
  readonly count?: number;
}

function groupOf(drafts: readonly RowDraft[], sequence: number, position: number): Uint8Array {
  const payloads = drafts.map(({ payload = new Uint8Array(0) }) => payload);
  const payloadBytes = payloads.reduce((sum, { length }) => sum + length, 0);
  const rowsAt = alignUp(GROUP_HEADER_BYTES + payloadBytes, row.ROW_BYTES);
  const bytes = new Uint8Array(rowsAt + drafts.length * row.ROW_BYTES);
  const words = new Uint32Array(bytes.buffer, rowsAt);
  let at = GROUP_HEADER_BYTES;
  for (const [index, { kind, stream = 1, seqNum = 0, count = 1 }] of drafts.entries()) {
    const payload = payloads[index] ?? new Uint8Array(0);
    const base = index * row.ROW_WORDS;
    bytes.set(payload, at);
    words[base] = kind | (count << 16);
    words[base + row.WORD_OFFSET] = at + (sequence - 1) * SECTOR_BYTES;
    words[base + row.WORD_LENGTH] = payload.length;
    words[base + row.WORD_CHECKSUM] = checksumOf(bytes, at, at + payload.length);
    row.setPair(words, base + row.WORD_STREAM, stream);
    row.setPair(words, base + row.WORD_SEQ_NUM, seqNum);
    at += payload.length;
  }
  const header = {
    generation: 1,
    sequence,
    position,
    ownerEpoch: 0,
    length: bytes.length,
    commits: drafts.length,
    rows: drafts.length,
    rowsChecksum: crc32(bytes.subarray(rowsAt)),
  };
  writeGroupHeader(bytes, header, STORE_KEY);
  return bytes;
}

const CREATE: RowDraft = { kind: row.KIND_CREATE };
const APPEND: RowDraft = { kind: row.KIND_APPEND, payload: utf8.encode("stored batch") };
const PUT: RowDraft = { kind: row.KIND_PUT, stream: 3, payload: utf8.encode("b/xvalue") };
const SWITCH: RowDraft = {
  kind: row.KIND_SWITCH,
  payload: encodeSwitch({
    low: FIRST_CURSOR,
    add: [{ id: 2, bytes: 100, extents: 1 }],
    remove: [1],
    trimmed: [1],
  }),
};

/** Whole sectors, as the file has them. */
function filled(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(alignUp(bytes.length + 1, SECTOR_BYTES));
  whole.set(bytes);
  return whole;
}

/** Every group whose header can be read in parts gets checksums that fit. */
function repaired(bytes: Uint8Array): Uint8Array {
  const fixed = Uint8Array.from(bytes);
  for (let start = 0; start + GROUP_HEADER_BYTES <= fixed.length; start += SECTOR_BYTES) {
    const view = viewOf(fixed.subarray(start));
    view.setUint32(0, GROUP_MAGIC, true);
    view.setUint32(4, 1, true);
    const length = view.getUint32(40, true);
    const rows = view.getUint32(48, true);
    const rowsAt = start + length - rows * row.ROW_BYTES;
    if (rowsAt >= start + GROUP_HEADER_BYTES && start + length <= fixed.length) {
      for (let at = rowsAt; at < start + length; at += row.ROW_BYTES) {
        const fields = viewOf(fixed.subarray(at));
        const from = fields.getUint32(4 * row.WORD_OFFSET, true);
        const to = from + fields.getUint32(4 * row.WORD_LENGTH, true);
        if (to <= fixed.length)
          fields.setUint32(4 * row.WORD_CHECKSUM, checksumOf(fixed, from, to), true);
      }
      view.setUint32(52, crc32(fixed.subarray(rowsAt, start + length)), true);
    }
    view.setUint32(60, crc32(fixed.subarray(start, start + 60), STORE_KEY), true);
  }
  return fixed;
}

export const logGroups: Entry = {
  name: "log",
  reads: "groups of the log: scan, proof, and their repetition over the state",
  seeds: () => ({
    "all kinds": groupOf(
      [
        CREATE,
        APPEND,
        PUT,
        { kind: row.KIND_FENCE, payload: utf8.encode("token") },
        { kind: row.KIND_TRIM, seqNum: 1 },
        { kind: row.KIND_DELETE, payload: utf8.encode("b/x") },
        SWITCH,
        { kind: row.KIND_DROP },
      ],
      1,
      1,
    ),
    "two groups": Buffer.concat([
      filled(groupOf([CREATE, APPEND], 1, 1)).subarray(0, SECTOR_BYTES),
      groupOf([{ ...APPEND, seqNum: 1 }], 2, 3),
    ]),
    "a switch": groupOf([SWITCH], 1, 1),
    "no rows": groupOf([], 1, 1),
  }),
  maxBytes: 3 * SECTOR_BYTES,
  restructure: (bytes) => repaired(bytes),
  async check(bytes) {
    const file = new MemoryFile(filled(bytes));
    const options = { storeKey: STORE_KEY, fileBytes: file.bytes.length, proof: STRICT_PROOF };
    const scan = new LogScan(file, FIRST_CURSOR, options);
    const tables = new StateTables(openMemoryStateStore(new MemoryStateMedium()));
    const checkpoint = { replay: FIRST_CURSOR, low: FIRST_CURSOR, nextFileId: 1 };
    let groups = 0;
    const outcome = await lateOutcomeOf(async () => {
      for (let group = await scan.next(); group !== undefined; group = await scan.next()) {
        groups++;
        agree("groups end", groups <= file.bytes.length / SECTOR_BYTES, true);
        repeatGroup(tables, group, checkpoint);
      }
    });
    await findLaterGroup(file, 1, 0, 1, options);
    const first = readGroupHeader(file.bytes, STORE_KEY);
    if (first === undefined) agree("groups that are none", groups, 0);
    return `${groups} ${wordFor(outcome, wordOf(scan.misfit))}`;
  },
};

const HEAD_BYTES = 20;
const FILE_ID = 1;

/** The header, and what lies behind its sector. */
function packed(file: Uint8Array): Uint8Array {
  return Buffer.concat([file.subarray(0, HEAD_BYTES), file.subarray(SECTOR_BYTES)]);
}

function unpacked(bytes: Uint8Array): Uint8Array {
  const behind = bytes.subarray(HEAD_BYTES);
  const file = new Uint8Array(SECTOR_BYTES + behind.length);
  file.set(bytes.subarray(0, HEAD_BYTES));
  file.set(behind, SECTOR_BYTES);
  return file;
}

async function dataFile(streams: readonly number[], batches: number): Promise<Uint8Array> {
  const file = new MemoryFile(new Uint8Array(0));
  const writer = new DataFileWriter(file, FILE_ID, { now: () => 0, pace: async () => {} } as never);
  for (const stream of streams)
    for (let seqNum = 0; seqNum < batches; seqNum++) {
      const payload = utf8.encode(`batch ${seqNum} of ${stream}`);
      const words = new Uint32Array(row.ROW_WORDS);
      words[0] = row.KIND_APPEND | (1 << 16);
      words[row.WORD_LENGTH] = payload.length;
      words[row.WORD_CHECKSUM] = checksumOf(payload, 0, payload.length);
      row.setPair(words, row.WORD_SEQ_NUM, seqNum);
      writer.add(stream, words, 0, payload);
    }
  await writer.finish();
  return packed(file.bytes);
}

const TRAILER_BYTES = 64;

/** Header, footer and trailer with checksums that fit. */
function resealed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < HEAD_BYTES + TRAILER_BYTES) return bytes;
  const file = unpacked(bytes);
  viewOf(file).setUint32(16, crc32(file.subarray(0, 16)), true);
  const trailer = file.subarray(file.length - TRAILER_BYTES);
  const view = viewOf(trailer);
  const footerAt = view.getUint32(16, true);
  if (footerAt <= file.length - TRAILER_BYTES)
    view.setUint32(32, crc32(file.subarray(footerAt, file.length - TRAILER_BYTES)), true);
  view.setUint32(60, crc32(trailer.subarray(0, 60)), true);
  return packed(file);
}

export const dataFiles: Entry = {
  name: "data-files",
  reads: "data files: footer, trailer, extents",
  seeds: async () => ({
    "one extent": await dataFile([1], 2),
    "two extents": await dataFile([1, 2], 1),
    "no extent": await dataFile([], 0),
  }),
  restructure: (bytes) => resealed(bytes),
  async check(bytes) {
    const file = unpacked(bytes);
    const footer = await lateOutcomeOf(() => loadFooter(memoryDisk({ "/f": file }), "/f", FILE_ID));
    if (footer.kind === "refused" || footer.value === undefined)
      return wordFor(footer, "no footer");
    const words = new Set<string>();
    for (const extent of footer.value) {
      // What lies outside is found by `verify`; nobody reserves memory for it here.
      if (extent.offset + extent.length > file.length) continue;
      const loaded = await lateOutcomeOf(() => loadExtent(new MemoryFile(file), extent, "/f"));
      words.add(wordFor(loaded));
    }
    return `${Math.min(3, footer.value.length)} ${[...words].join(" ")}`;
  },
};
