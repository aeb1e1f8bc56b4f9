// What the command line reads: records in every format, manifests and checkpoints of transfers, resource
// specs, durations, sizes, names of streams, and the lines of an MCP client.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppendRecord, SequencedRecord } from "@s2kit/core";
import {
  compactDuration,
  longDuration,
  parseDurationMs,
  parseDurationSecs,
  parseResourceSpec,
} from "@s2kit/core/declarative";
// @boundaries-ignore the fuzzer feeds what no face shows
import { serveJsonRpc } from "../../../../apps/cli/src/mcp/json-rpc.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { recordFormat } from "../../../../apps/cli/src/record-format/format-table.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { openCheckpoint } from "../../../../apps/cli/src/records/checkpoint.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { parseBasinManifest } from "../../../../apps/cli/src/transfer/basin-manifest.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { proveData } from "../../../../apps/cli/src/transfer/data-file.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { manifestPath, readManifest } from "../../../../apps/cli/src/transfer/manifest.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import * as values from "../../../../apps/cli/src/values/flag-values.js";
// @boundaries-ignore the fuzzer feeds what no face shows
import { formatStreamUri, parseStreamUri } from "../../../../apps/cli/src/values/uri.js";
import {
  agree,
  codeOf,
  cutsOf,
  type Entry,
  lateOutcomeOf,
  type Outcome,
  outcomeOf,
  textOf,
  utf8,
  wordFor,
  wordOf,
} from "../engine/entry.js";

const FORMATS = ["text", "json", "json-base64", "jsonl", "binary"] as const;
const MAX_CUTS = 6;
const CHUNK_BYTES = 16;

async function* piecewise(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  yield* pieces;
}

async function decode(
  name: string,
  pieces: readonly Uint8Array[],
): Promise<{ readonly records: readonly AppendRecord[]; readonly end: Outcome<void> }> {
  const records: AppendRecord[] = [];
  const settings = { isLenient: false, chunkBytes: CHUNK_BYTES };
  const end = await lateOutcomeOf(async () => {
    for await (const some of recordFormat(name).decode(piecewise(pieces), settings))
      records.push(...some);
  });
  return { records, end };
}

function plain(records: readonly AppendRecord[]): unknown {
  return records.map(({ timestamp, headers, body }) => [timestamp, headers, body]);
}

export const recordFormats: Entry = {
  name: "record-formats",
  reads: "records from files and standard input, in every format",
  seeds: () => ({
    text: utf8.encode("one\r\ntwo\n\nlast without an end"),
    json: utf8.encode('{"body":"hello","headers":[["k","v"]],"timestamp":5}\n{}\n'),
    base64: utf8.encode('{"seq_num":1,"body":"/wA="}\n'),
    "mark of byte order": utf8.encode('\ufeff{"body":"x"}\n'),
    "unknown key": utf8.encode('{"event":"x"}\n'),
    command: utf8.encode('{"headers":[["","fence"]],"body":"token"}\n'),
  }),
  words: ["\n", "\r\n", '{"body":"', '"headers":[["', "AA==", '{"seq_num":1}\n'],
  async check(bytes) {
    const words: string[] = [];
    for (const name of FORMATS) {
      const whole = await decode(name, [bytes]);
      for (const pieces of [...cutsOf(bytes)].slice(0, MAX_CUTS)) {
        const cut = await decode(name, pieces);
        agree(
          `${name} in pieces`,
          [plain(cut.records), cut.end],
          [plain(whole.records), whole.end],
        );
      }
      if (name === "binary")
        agree(
          "a file again",
          Buffer.concat(whole.records.map(({ body }) => body)).equals(bytes),
          true,
        );
      if (name === "json-base64") await checkAgain(whole.records);
      words.push(wordFor(whole.end, whole.records.length > 0 ? "some" : "none"));
    }
    return words.join(" ");
  },
};

async function checkAgain(records: readonly AppendRecord[]): Promise<void> {
  const sequenced = records.map(
    ({ timestamp, headers, body }, seqNum): SequencedRecord => ({
      seqNum,
      timestamp: timestamp ?? 0,
      headers,
      body,
    }),
  );
  const { bytes } = recordFormat("json-base64").encode(sequenced);
  const again = await decode("json-base64", [bytes]);
  agree("printed and read", plain(again.records), plain(sequenced));
}

let directory: string | undefined;
function place(name: string): string {
  if (directory === undefined) {
    const made = mkdtempSync(join(tmpdir(), "s2kit-fuzz-"));
    directory = made;
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  }
  return join(directory, name);
}

const SHA_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const URI = "s2://basin-name/stream";

export const transferFiles: Entry = {
  name: "transfer-files",
  reads: "manifests of exports, checkpoints of readers, and the data that a manifest speaks of",
  seeds: () => ({
    manifest: utf8.encode(
      `{"version":2,"basin":"b","stream":"s","created_at":"2026-01-01T00:00:00Z","config":{},"records":0,"bytes":0,"head_seq_num":0,"next_seq_num":0,"gaps":[{"from":1,"to":2}],"sha256":"${SHA_OF_NOTHING}"}`,
    ),
    "first version": utf8.encode(
      `{"version":1,"stream":"s","config":{"retention_policy":{"age":60}},"records":1,"next_seq_num":1,"sha256":"${SHA_OF_NOTHING}"}`,
    ),
    "a later version": utf8.encode('{"version":3}'),
    checkpoint: utf8.encode(`{"version":1,"uri":"${URI}","next_seq_num":5,"output_bytes":10}`),
    "another checkpoint": utf8.encode('{"version":1,"uri":"s2://other-basin/s","next_seq_num":5}'),
    basin: utf8.encode(
      '{"basin":"b","config":{"stream_cipher":null},"streams":[{"stream":"s","file":"s.jsonl"}]}',
    ),
    "a way out": utf8.encode('{"config":{},"streams":[{"stream":"s","file":"../s"}]}'),
    data: utf8.encode('{"seq_num":0}\n{"seq_num":1}\n'),
  }),
  words: ["version", "gaps", "records", "bytes", "sha256", "uri", "next_seq_num", "../", "config"],
  async check(bytes) {
    const data = place("data.jsonl");
    writeFileSync(manifestPath(data), bytes);
    writeFileSync(data, bytes);
    const manifest = await lateOutcomeOf(() => readManifest(data));
    const checkpoint = await lateOutcomeOf(() => openCheckpoint(manifestPath(data), URI));
    const basin = outcomeOf(() => parseBasinManifest(textOf(bytes), "basin.json"));
    if (basin.kind === "value")
      for (const { file } of basin.value.streams)
        agree("a file beside it", /^\.{0,2}$|\//.test(file), false);
    const words = [wordFor(manifest), wordFor(checkpoint), wordFor(basin)];
    if (manifest.kind === "value" && manifest.value !== undefined) {
      const { value } = manifest;
      words.push(wordFor(await lateOutcomeOf(async () => proveData(data, value))));
    }
    return words.join(" ");
  },
};

export const specs: Entry = {
  name: "specs",
  reads: "resource specs, of apply, diff and init files",
  seeds: () => ({
    small: utf8.encode('{"basins":[{"name":"basin-name"}]}'),
    full: utf8.encode(
      '{"$schema":"x","basins":[{"name":"basin-name","config":{"stream_cipher":"aegis-256","create_stream_on_append":true,"default_stream_config":{"retention_policy":"7d"}},"streams":[{"name":"s","config":{"retention_policy":"infinite","timestamping":{"mode":"arrival","uncapped":true},"delete_on_empty":{"min_age":"1h 30m"}}}]}]}',
    ),
    twice: utf8.encode('{"basins":[{"name":"basin-name"},{"name":"basin-name"}]}'),
    nothing: utf8.encode("{}"),
  }),
  words: ["basins", "streams", "config", "name", "7d", "infinite", "0", "1h", "storage_class"],
  check(bytes) {
    const spec = parseResourceSpec(textOf(bytes));
    if (spec.ok) return `ok ${Math.min(2, spec.value.length)}`;
    agree("mistakes are named", spec.error.length > 0, true);
    const word = wordOf(spec.error[0]?.message.replace(/JSON: .*/s, "JSON") ?? "");
    return word.split("-").slice(0, 4).join(" ");
  },
};

export const flagValues: Entry = {
  name: "flag-values",
  reads: "durations, sizes, numbers, instants and names of streams as arguments",
  seeds: () =>
    Object.fromEntries(
      ["1h 30m", "7days", "0", "5ms", "18446744073709551615y", "1M1m", "64KiB", "1.5g", URI]
        .concat(["s2://basin-name//a/../b", "S2://x", "2030-01-31T12:00:00Z", "1e5", " 5 s "])
        .map((text) => [text, utf8.encode(text)]),
    ),
  words: ["s2://", "d", "months", "ns", "KiB", " ", ".", "e", "y", "Z"],
  check(bytes) {
    const text = textOf(bytes);
    const secs = parseDurationSecs(text);
    if (secs !== undefined) {
      agree("a short duration again", parseDurationSecs(compactDuration(secs)), secs);
      agree("a long duration again", parseDurationSecs(longDuration(secs)), secs);
    }
    const uri = outcomeOf(() => parseStreamUri(text));
    if (uri.kind === "value")
      agree("a name again", formatStreamUri(uri.value.basin, uri.value.stream), text);
    const readers = [
      values.parseU64,
      values.parseBoolean,
      values.parseBytes,
      values.parseInstant,
      values.parseLocation,
      values.parseTokenId,
      values.parseFencingToken,
      values.integerBetween(-5, 5),
    ];
    const read = readers.filter((each) => codeOf(outcomeOf<unknown>(() => each(text))) === "ok");
    return [
      secs === undefined,
      parseDurationMs(text) === undefined,
      wordFor(uri),
      read.length,
    ].join(" ");
  },
};

export const rpcLines: Entry = {
  name: "json-rpc",
  reads: "the lines of an MCP client",
  seeds: () => ({
    call: utf8.encode('{"jsonrpc":"2.0","id":1,"method":"echo","params":{"a":1}}\n'),
    notification: utf8.encode('{"jsonrpc":"2.0","method":"echo"}\n'),
    unknown: utf8.encode('{"id":"x","method":"toString"}\n'),
    batch: utf8.encode('[{"id":1}]\n'),
  }),
  words: ["method", "id", "params", "echo", "__proto__", "constructor", "toString", "\n"],
  async check(bytes) {
    const codes: unknown[] = [];
    await serveJsonRpc(
      piecewise([bytes]),
      (line) => {
        const { error } = JSON.parse(line) as { readonly error?: { readonly code: number } };
        codes.push(error?.code ?? "ok");
        return undefined;
      },
      { echo: (params) => params },
    );
    return [...new Set(codes)].join(" ");
  },
};
