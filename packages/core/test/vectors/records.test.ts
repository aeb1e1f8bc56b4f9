// Golden vectors of records: metering, commands, batches, and their JSON in both directions.

import { describe, expect, it } from "vitest";
import { S2Error } from "../../src/error.js";
import {
  appendInputFromJson,
  appendInputToJson,
  readBatchFromJson,
  readBatchToJson,
} from "../../src/json/records.js";
import { parseJson } from "../../src/json/shape.js";
import { encodeAppendInput } from "../../src/proto/append-input.js";
import { scanAppendInput } from "../../src/proto/scan-append.js";
import { type Command, isCommandRecord, parseCommand } from "../../src/record/command-record.js";
import type { RecordFormat } from "../../src/record/headers.js";
import { meteredBytes } from "../../src/record/metering.js";
import type { AppendInput } from "../../src/record/record.js";
import {
  appendInputOf,
  bytesOf,
  headersOf,
  type NeutralAppendInput,
  type NeutralBytes,
  type NeutralReadBatch,
  readBatchOf,
  saturated,
  vectorsOf,
} from "./load.js";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof S2Error) return error.code;
    throw error;
  }
  return "accepted";
}

interface RecordVector {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: NeutralBytes;
  readonly metered: number;
  readonly command?: { readonly fence?: string; readonly trim?: string } | null;
  readonly error?: string;
}

function commandOf(neutral: RecordVector["command"]): Command | undefined {
  if (neutral?.fence !== undefined) return { kind: "fence", token: neutral.fence };
  return neutral?.trim === undefined
    ? undefined
    : { kind: "trim", seqNum: saturated(neutral.trim) };
}

const RECORDS = vectorsOf<RecordVector>("records.json");

describe("records", () => {
  it.each(RECORDS)("$id is metered: $meaning", ({ headers, body, metered }) => {
    expect(meteredBytes({ headers: headersOf(headers), body: bytesOf(body) })).toBe(metered);
  });

  it.each(RECORDS.filter(({ error }) => error === undefined))(
    "$id is scanned: $meaning",
    ({ headers, body, metered, command }) => {
      const record = { headers: headersOf(headers), body: bytesOf(body) };
      const batch = scanAppendInput(encodeAppendInput({ records: [record] }));
      const expected = commandOf(command);

      expect(batch.meteredBytes).toBe(metered);
      expect(batch.commands).toEqual(
        expected === undefined ? [] : [{ index: 0, command: expected }],
      );
      expect(isCommandRecord(record)).toBe(expected !== undefined);
      if (expected !== undefined)
        expect(parseCommand(record.headers[0]?.[1] ?? new Uint8Array(0), record.body)).toEqual(
          expected,
        );
    },
  );

  it.each(RECORDS.filter(({ error }) => error !== undefined))(
    "$id is refused: $meaning",
    ({ headers, body, error }) => {
      const record = { headers: headersOf(headers), body: bytesOf(body) };

      expect(codeOf(() => scanAppendInput(encodeAppendInput({ records: [record] })))).toBe(error);
    },
  );
});

interface BatchVector {
  readonly records: number;
  readonly body: NeutralBytes;
  readonly fencing_token?: string;
  readonly metered?: number;
  readonly error?: string;
}

describe("batches", () => {
  it.each(vectorsOf<BatchVector>("batches.json"))("$id: $meaning", (vector) => {
    const record = { headers: [], body: bytesOf(vector.body) };
    const input: AppendInput = {
      records: Array.from({ length: vector.records }, () => record),
      fencingToken: vector.fencing_token,
    };
    const scan = (): number => scanAppendInput(encodeAppendInput(input)).meteredBytes;

    if (vector.error === undefined) expect(scan()).toBe(vector.metered);
    else expect(codeOf(scan)).toBe(vector.error);
  });
});

interface AppendJsonVector {
  readonly format: RecordFormat;
  readonly json: string;
  readonly value?: NeutralAppendInput;
  readonly error?: string;
}

const APPENDS = vectorsOf<AppendJsonVector>("append-json.json");

describe("appends in JSON", () => {
  it.each(APPENDS.filter(({ error }) => error === undefined))(
    "$id is read: $meaning",
    ({ json, format, value }) => {
      const input = appendInputFromJson(parseJson(json), format);

      expect(input).toEqual(appendInputOf(value as NeutralAppendInput));
      const again: unknown = JSON.parse(JSON.stringify(appendInputToJson(input, format)));
      expect(appendInputFromJson(again, format)).toEqual(input);
    },
  );

  it.each(APPENDS.filter(({ error }) => error !== undefined))(
    "$id is refused: $meaning",
    ({ json, format, error }) => {
      const read = (): unknown =>
        scanAppendInput(encodeAppendInput(appendInputFromJson(parseJson(json), format)));

      expect(codeOf(read)).toBe(error);
    },
  );
});

interface ReadJsonVector {
  readonly format: RecordFormat;
  readonly json: string;
  readonly value: NeutralReadBatch;
  readonly lossy: boolean;
}

describe("reads in JSON", () => {
  it.each(vectorsOf<ReadJsonVector>("read-json.json"))("$id: $meaning", (vector) => {
    const batch = readBatchOf(vector.value);

    expect(JSON.stringify(readBatchToJson(batch, vector.format))).toBe(vector.json);
    const read = readBatchFromJson(parseJson(vector.json), vector.format);
    if (vector.lossy) expect(read).not.toEqual(batch);
    else expect(read).toEqual(batch);
  });
});
