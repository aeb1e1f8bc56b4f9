import { Readable } from "node:stream";
import { fenceRecord, type SequencedRecord, trimRecord } from "@s2kit/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { recordFormat } from "../../src/record-format/format-table.js";

const bytes = fc.uint8Array({ maxLength: 40 });
const record = fc.record({
  seqNum: fc.nat(),
  timestamp: fc.nat(),
  headers: fc.array(fc.tuple(bytes, bytes), { maxLength: 3 }),
  body: bytes,
});

it("json-base64 reads back every record as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 5 }), async (records) => {
      const decoded = await decode(
        "json-base64",
        recordFormat("json-base64").encode(records).bytes,
      );
      expect(decoded).toEqual(
        records.map(({ timestamp, headers, body }) => ({
          timestamp,
          headers: headers.map((pair) => pair.map((part) => [...part])),
          body: [...body],
        })),
      );
    }),
  );
});

it("text takes and gives bodies byte for byte, also what is not UTF-8", () => {
  const body = new Uint8Array([0xff, 0x00, 0xc3, 0x28]);
  const { bytes: printed, hidden } = recordFormat("text").encode([sequenced(0, [], body)]);
  expect([...printed]).toEqual([...body, 10]);
  expect(hidden).toEqual([]);
});

it("skips one byte order mark at the start of JSON, in pieces of any size, and no other", async () => {
  const MARK = Buffer.from([0xef, 0xbb, 0xbf]);
  const line = Buffer.from('{"body":"YQ=="}\n');
  const bodies = async (name: string, pieces: readonly Uint8Array[]): Promise<string[]> => {
    const found: string[] = [];
    const settings = { isLenient: false, chunkBytes: 100 };
    for await (const records of recordFormat(name).decode(Readable.from(pieces), settings))
      for (const { body } of records) found.push(Buffer.from(body).toString("latin1"));
    return found;
  };
  const inBytes = [...MARK, ...line].map((byte) => Uint8Array.of(byte));
  for (const pieces of [[MARK, line], [Buffer.concat([MARK, line])], inBytes, [line]]) {
    expect(await bodies("json", pieces)).toEqual(["YQ=="]);
    expect(await bodies("json-base64", pieces)).toEqual(["a"]);
    expect(await bodies("jsonl", pieces)).toEqual(['{"body":"YQ=="}']);
  }
  for (const name of ["json", "json-base64", "jsonl"]) {
    await expect(bodies(name, [MARK, MARK, line])).rejects.toThrow(/line 1/);
    expect(await bodies(name, [MARK])).toEqual([]);
  }
  // To other formats they are bytes like any.
  expect(await bodies("text", [MARK, Buffer.from("a\n")])).toEqual(["\u00ef\u00bb\u00bfa"]);
  expect(await bodies("text", [Buffer.from("a")])).toEqual(["a"]);
});

it("text and binary keep command records out of the data", () => {
  const fence = { ...fenceRecord("token"), seqNum: 1, timestamp: 2 } as SequencedRecord;
  const records = [sequenced(0, [], Buffer.from("a")), fence, sequenced(2, [], Buffer.from("b"))];
  expect(String(recordFormat("text").encode(records).bytes)).toBe("a\nb\n");
  expect(String(recordFormat("binary").encode(records).bytes)).toBe("ab");
  expect(recordFormat("text").encode(records).hidden).toEqual([fence]);
});

it("json prints keys in order and leaves out what is empty", () => {
  const trim = { ...trimRecord(7), seqNum: 1, timestamp: 5 } as SequencedRecord;
  const header = [Buffer.from("k"), Buffer.from("v")] as const;
  const printed = recordFormat("json").encode([
    sequenced(0, [header], Buffer.from("hé")),
    trim,
    sequenced(2, [], Buffer.alloc(0)),
  ]).bytes;
  expect(String(printed).split("\n")).toEqual([
    '{"seq_num":0,"timestamp":5,"headers":[["k","v"]],"body":"hé"}',
    '{"seq_num":1,"timestamp":5,"headers":[["","trim"]],"body":"\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0007"}',
    '{"seq_num":2,"timestamp":5}',
    "",
  ]);
});

it.each([
  ["", "text"],
  ["raw", "json"],
  ["base64", "json-base64"],
  ["json-binsafe", "json-base64"],
  ["ndjson", "jsonl"],
])("%j is an alias of %s", (alias, name) => {
  expect(recordFormat(alias).name).toBe(name);
});

it("refuses an unknown format with a usage error", () => {
  expect(() => recordFormat("yaml")).toThrow(/unknown record format/);
});

it.each([
  ["{", "line 1: not valid JSON"],
  ["[]", "line 1: expected a JSON object"],
  ['{"event":"login"}', 'line 1: unknown key of a record key="event"'],
  ['{"body":5}', "line 1: body must be a string"],
  ['{"headers":[{"name":"a"}]}', "line 1: headers must be pairs"],
  ['{"headers":[["a"]]}', "line 1: headers must be pairs"],
  ['{"timestamp":-1}', "line 1: timestamp must be an integer"],
  ['{"timestamp":1e300}', "line 1: timestamp must be an integer"],
])("json refuses %s", async (line, message) => {
  await expect(decode("json", Buffer.from(line))).rejects.toThrow(message);
});

it("json ignores unknown keys when asked to", async () => {
  expect(await decode("json", Buffer.from('{"x":1,"body":"a"}'), true)).toHaveLength(1);
});

it("json-base64 refuses unpadded and foreign characters", async () => {
  await expect(decode("json-base64", Buffer.from('{"body":"YQ"}'))).rejects.toThrow("base64");
});

it("jsonl appends whole lines as bodies and names the line that is not JSON", async () => {
  expect(await decode("jsonl", Buffer.from('{"event":"x"}\n5\n'))).toHaveLength(2);
  await expect(decode("jsonl", Buffer.from("{}\nnope\n"))).rejects.toThrow("line 2 is not JSON");
});

it("binary cuts any input into chunks that join to the input", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 })), async (chunks) => {
      const decoded = await decodeChunks("binary", chunks, 16);
      const joined = decoded.flatMap(({ body }) => body);
      expect(Buffer.compare(Buffer.from(joined), Buffer.concat(chunks))).toBe(0);
      expect(decoded.slice(0, -1).every(({ body }) => body.length === 16)).toBe(true);
    }),
  );
});

interface Plain {
  readonly timestamp: number | undefined;
  readonly headers: readonly (readonly number[])[][];
  readonly body: readonly number[];
}

function decode(format: string, input: Uint8Array, isLenient = false): Promise<Plain[]> {
  return decodeChunks(format, [input], 16, isLenient);
}

async function decodeChunks(
  format: string,
  chunks: readonly Uint8Array[],
  chunkBytes: number,
  isLenient = false,
): Promise<Plain[]> {
  const source = (async function* () {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  })();
  const found: Plain[] = [];
  for await (const records of recordFormat(format).decode(source, { isLenient, chunkBytes }))
    for (const { timestamp, headers, body } of records)
      found.push({
        timestamp,
        headers: headers.map((pair) => pair.map((part) => [...part])),
        body: [...body],
      });
  return found;
}

function sequenced(
  seqNum: number,
  headers: SequencedRecord["headers"],
  body: Uint8Array,
): SequencedRecord {
  return { seqNum, timestamp: 5, headers, body };
}
