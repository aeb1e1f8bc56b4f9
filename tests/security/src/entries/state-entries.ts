// Entries of the state store and the small files of a data directory. Values are sealed anew now and then,
// so that their readers see what no seal would let through.

// @boundaries-ignore the fuzzer feeds what no face shows
import { Catalog } from "../../../../packages/server-lite/src/backend/catalog/catalog.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { ALL_KINDS } from "../../../../packages/server-lite/src/backend/catalog/keys/all-kinds.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { readFormat } from "../../../../packages/server-lite/src/storage/disk/medium/format-file.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  encodeLock,
  parseLock,
} from "../../../../packages/server-lite/src/storage/disk/medium/lock-record.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../../packages/server-lite/src/storage/disk/state/memory-state-store.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  sealStateStore,
  sealValue,
} from "../../../../packages/server-lite/src/storage/disk/state/sealed-state-store.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import {
  provenEntries,
  readStateFormat,
} from "../../../../packages/server-lite/src/storage/disk/state/state-format.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { readCheckpoint } from "../../../../packages/server-lite/src/storage/log/checkpoint.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { encodeStreamState } from "../../../../packages/server-lite/src/storage/log/state-keys.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { StateTables } from "../../../../packages/server-lite/src/storage/log/state-tables.js";
import { agree, codeOf, type Entry, outcomeOf, textOf, utf8, wordFor } from "../engine/entry.js";
import { memoryDisk } from "./memory-file.js";

const STORE_KEY = 0x5eed;
const SEAL_BYTES = 4;

interface StateEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** One byte for the length of the key, the key, and the sealed value. */
function packed(key: Uint8Array, value: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(key.length), key, sealValue(STORE_KEY, key, value)]);
}

function unpacked(bytes: Uint8Array): StateEntry {
  const keyBytes = bytes[0] ?? 0;
  return { key: bytes.subarray(1, 1 + keyBytes), value: bytes.subarray(1 + keyBytes) };
}

function keyOf(space: number, text: string | number): Uint8Array {
  const name =
    typeof text === "string" ? utf8.encode(text) : Uint8Array.of(0, 0, 0, 0, 0, 0, 0, text);
  return Uint8Array.from([space, ...name]);
}

const CURSOR = { generation: 1, offset: 0, sequence: 1, position: 1, ownerEpoch: 0 };
const STREAM = {
  tail: { seqNum: 5, timestamp: 9 },
  trimPoint: 2,
  fencingToken: "token",
  lastWriteMs: 9,
};
const CONFIG =
  '{"storageClass":"express","retentionPolicy":{"kind":"age","secs":60},"timestamping":{"mode":"arrival","uncapped":false},"deleteOnEmpty":{"minAgeSecs":0}}';
const ROWS: readonly (readonly [string, string])[] = [
  [
    "b/basin-name",
    `{"createdMs":1,"config":{"createStreamOnAppend":false,"createStreamOnRead":false}}`,
  ],
  ["s/basin\0stream", `{"streamId":1,"createdMs":1,"config":${CONFIG}}`],
  [
    "t/token",
    '{"hash":"h","issuedMs":1,"autoPrefixStreams":false,"scope":{"basins":{"exact":"b"},"ops":["read"]}}',
  ],
  ["u/minute/0000000060/basin", '{"append":1}'],
];

export const stateEntries: Entry = {
  name: "state",
  reads: "entries of the state store: seals, checkpoint, streams, rows of the catalog",
  seeds: () => ({
    checkpoint: packed(
      keyOf(0, ""),
      utf8.encode(JSON.stringify({ version: 1, replay: CURSOR, low: CURSOR, nextFileId: 1 })),
    ),
    format: packed(keyOf(6, ""), utf8.encode('{"version":2,"after":"01ff"}')),
    stream: packed(keyOf(2, 1), encodeStreamState(STREAM)),
    reclaim: packed(keyOf(5, 1), new Uint8Array(8)),
    ...Object.fromEntries(
      ROWS.map(([key, value]) => [
        `row ${key.slice(0, 2)}`.replace("/", ""),
        packed(keyOf(1, key), utf8.encode(value)),
      ]),
    ),
  }),
  words: ["version", "after", "scope", "ops", "config", "null", "{}", "[]", '"'],
  restructure(bytes) {
    const { key, value } = unpacked(bytes);
    return packed(key, value.subarray(0, Math.max(0, value.length - SEAL_BYTES)));
  },
  check(bytes) {
    const entry = unpacked(bytes);
    const medium = new MemoryStateMedium();
    medium.apply([entry]);
    const state = { bare: openMemoryStateStore(medium), storeKey: STORE_KEY, path: "state" };
    const format = outcomeOf(() => readStateFormat(state));
    const proven = outcomeOf(() =>
      [...provenEntries(state, { version: 2 })].map(({ problem }) => problem ?? "sound").join(),
    );
    const store = sealStateStore(state);
    const checkpoint = outcomeOf(() => readCheckpoint(store));
    if (checkpoint.kind === "value")
      for (const { offset, sequence } of [checkpoint.value.replay, checkpoint.value.low])
        agree("places in the log", [offset, sequence].every(Number.isSafeInteger), true);
    const stream = outcomeOf(() => new StateTables(store).stream(1));
    return [
      wordFor(format),
      wordFor(proven, proven.kind === "value" ? proven.value : ""),
      wordFor(checkpoint),
      wordFor(stream, stream.kind === "value" ? String(stream.value !== undefined) : ""),
      rowWord(entry),
    ].join(" ");
  },
};

/** What the catalog says of the entry as a row, whatever its seal. */
function rowWord({ key, value }: StateEntry): string {
  const name = key.subarray(1);
  const bytes = value.subarray(0, Math.max(0, value.length - SEAL_BYTES));
  const storage = { scanMeta: () => [{ key: name, value: bytes }], getMeta: () => bytes };
  const catalog = new Catalog(storage as never, { lastPosition: 0 });
  const kind = ALL_KINDS.find(({ prefix }) => textOf(name).startsWith(prefix));
  if (kind === undefined) return "no row";
  const page = outcomeOf(() => catalog.page(kind, { prefix: "", startAfter: "", limit: 10 }));
  return `${codeOf(page)} ${kind.prefix}`;
}

export const directoryFiles: Entry = {
  name: "directory-files",
  reads: "FORMAT and LOCK of a data directory",
  seeds: () => ({
    format: utf8.encode("s2kit store format=2 key=24301 check=1\n"),
    lock: utf8.encode(
      encodeLock({ pid: 1, host: "h", machine: "m", token: "t", sign: "life", beat: 3 }),
    ),
    "older lock": utf8.encode('{"pid":1,"host":"h"}'),
    empty: new Uint8Array(0),
  }),
  words: ["s2kit store format=", " key=", " from=", " check=", "/", "../"],
  async check(bytes) {
    let format: string;
    try {
      const found = await readFormat(memoryDisk({ "/d/FORMAT": bytes }), "/d");
      format = `format ${found?.version}`;
    } catch (error) {
      format = wordFor(
        outcomeOf(() => {
          throw error;
        }),
      );
    }
    const lock = parseLock(textOf(bytes));
    if (lock.kind === "held" && Number.isSafeInteger(lock.record.beat) && lock.record.beat >= 0)
      agree("a lock again", parseLock(encodeLock(lock.record)), lock);
    return `${format} ${lock.kind}`;
  },
};
