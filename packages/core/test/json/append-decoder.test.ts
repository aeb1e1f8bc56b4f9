// The decoder of JSON appends against `JSON.parse` and the decoder of parsed JSON: the same bytes, or
// the same fault. Beyond them it sees integers as they are written, and it pauses.

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { S2Error } from "../../src/error.js";
import { decodeAppendJson } from "../../src/json/append-decoder.js";
import { STRETCH_BYTES } from "../../src/json/json-cursor.js";
import { appendInputFromJson } from "../../src/json/records.js";
import { decodeAppendInput, encodeAppendInput } from "../../src/proto/append-input.js";
import type { RecordFormat } from "../../src/record/headers.js";
import { encodeUtf8 } from "../../src/text/utf8.js";

interface Decoded {
  readonly steps: number;
  readonly message: Uint8Array;
}

function decode(bytes: Uint8Array, format: RecordFormat = "raw"): Decoded {
  const walk = decodeAppendJson(bytes, format);
  for (let steps = 1; ; steps++) {
    const { done, value } = walk.next();
    if (done === true) return { steps, message: value };
  }
}

/** What came out, in hex, or the fault; texts of broken JSON are each decoder's own. */
function outcomeOf(run: () => Uint8Array): unknown {
  try {
    return Buffer.from(run()).toString("hex");
  } catch (caught) {
    const { code, rawMessage } =
      caught instanceof S2Error ? caught : new S2Error({ code: "bad_json", message: "malformed" });
    return { code, message: rawMessage.replace(/^malformed.*/s, "malformed") };
  }
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });
function reference(bytes: Uint8Array, format: RecordFormat): Uint8Array {
  return encodeAppendInput(appendInputFromJson(JSON.parse(strictUtf8.decode(bytes)), format));
}

function expectSame(bytes: Uint8Array, format: RecordFormat): void {
  const ours = outcomeOf(() => decode(bytes, format).message);
  expect(ours).toEqual(outcomeOf(() => reference(bytes, format)));
}

const FORMATS = ["raw", "base64"] as const;

describe("the decoder of JSON appends agrees with JSON.parse on", () => {
  test.each([
    "",
    " ",
    "null",
    "[]",
    '"x"',
    "{",
    "{}",
    '{"records":[]}',
    '{"records":null}',
    '{"records":[{}]}',
    '{"records":[{},]}',
    '{"records":[{}]} x',
    '{"records":[{}],}',
    '{"records":[{"body":"a","body":"b"}]}',
    '{"records":[{"body":1,"body":"b"}]}',
    '{"records":[{"body":"a"}],"records":[]}',
    '{"records":3,"records":[{"body":"a"}]}',
    '{"records":[{"headers":[["a","b"]],"headers":[["c","d"]]}]}',
    '{"records":[{"headers":[["a"]]}]}',
    '{"records":[{"headers":[["a","b","c"]]}]}',
    '{"records":[{"headers":[[1,"b","c"]]}]}',
    '{"records":[{"headers":[["a",2]],"body":3,"timestamp":-1}]}',
    '{"records":[{"headers":null}]}',
    '{"records":[{"timestamp":null}],"match_seq_num":null,"fencing_token":null}',
    '{"records":[{"timestamp":1e3}],"match_seq_num":1.0}',
    '{"records":[{"timestamp":1.5}]}',
    '{"records":[{"timestamp":-0}]}',
    '{"records":[{"timestamp":01}]}',
    '{"records":[{"timestamp":1e400}]}',
    '{"records":[{"timestamp":9007199254740993}]}',
    '{"records":[{"timestamp":"1"}]}',
    '{"records":[{}],"fencing_token":"0123456789012345678901234567890123456"}',
    '{"records":[{}],"fencing_token":7,"match_seq_num":"x"}',
    '{"records":[{"body":"\\ud800"}]}',
    '{"records":[{"body":"\\ud83d\\ude00\\n\\u0000é"}]}',
    '{"records":[{"b\\u006fdy":"escaped key"}]}',
    '{"records":[{"__proto__":{"body":"x"}}]}',
    '{"records":[{"body":"tab\there"}]}',
    '{"records":[{"body":"\\x41"}]}',
    '{"records":[{"body":"\\u12g4"}]}',
    '{"records":[{"x":[1,{"y":[true,false,null,-1.5e-3,""]},[[]]]}]}',
    '{"records":[{"x":[1,]}]}',
    '{"records":[{"x":{"a":1,}}]}',
    '{"records":[{"x":[}]}]}',
    '{"records":[{"x":tru}]}',
    '{"records":[{"x":nulll}]}',
    '{"records":[{"x":+1}]}',
    '{"records":[{"x":.5}]}',
    '{"records":[{"x":1.}]}',
    '{"records":[{"x":1e}]}',
    '{"records":[{"body":"YQ=="}]}',
    '{"records":[{"body":"YR=="}]}',
    '{"records":[{"body":"YQ\\u003d="}]}',
    '\uFEFF{"records":[{}]}',
    '\uFEFF\uFEFF{"records":[{}]}',
    `{"records":[${"{},".repeat(1000)}5]}`,
    `{"records":[${"{},".repeat(999)}{}]}`,
    `{"records":[5,${"{},".repeat(1000)}{}]}`,
  ])("%s", (text) => {
    for (const format of FORMATS) expectSame(encodeUtf8(text), format);
  });

  it("base64 that is longer than a step", () => {
    const long = "QUJD".repeat(STRETCH_BYTES / 4 + 5);
    const cuts = [long, `${long}QQ==`, `${long}Q`, `${long}QR==`, `${long}QQ==QUJD`];
    const atEdge = "QUJD".repeat(STRETCH_BYTES / 4 - 1);
    for (const text of [...cuts, `${atEdge}QQ==QUJD`, `${atEdge}QQ==`, `${atEdge}Q===QUJD`])
      expectSame(encodeUtf8(`{"records":[{"body":"${text}"}]}`), "base64");
  });

  it("bytes that are not UTF-8, wherever they are", () => {
    for (const bad of ['{"records":[{"body":"\xff"}]}', '{"\xc3":1}', '{"records":[{}]}\xf0\x9f'])
      expectSame(
        Uint8Array.from(bad, (char) => char.charCodeAt(0)),
        "raw",
      );
  });

  it("documents of any shape with the keys of an append, whole and damaged", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.constantFrom("YQ==", "", "a"),
    );
    const number = fc.oneof(fc.nat(), fc.double(), fc.constantFrom(-0, 2 ** 53, 1e19, 2 ** 65));
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, [], {}),
        text,
        number,
        fc.array(tie("value"), { maxLength: 4 }),
        fc.array(fc.tuple(text, text), { maxLength: 3 }),
        fc.dictionary(
          fc.oneof(
            fc.constantFrom(
              "records",
              "body",
              "headers",
              "timestamp",
              "match_seq_num",
              "fencing_token",
            ),
            text,
          ),
          tie("value"),
          { maxKeys: 5 },
        ),
      ),
    }));
    const record = fc.record(
      {
        body: fc.oneof({ weight: 9, arbitrary: text }, value),
        headers: fc.oneof(
          { weight: 9, arbitrary: fc.array(fc.tuple(text, text), { maxLength: 3 }) },
          value,
        ),
        timestamp: fc.oneof({ weight: 9, arbitrary: fc.nat() }, value),
        other: value,
      },
      { requiredKeys: [] },
    );
    const body = fc.record(
      {
        records: fc.oneof({ weight: 9, arbitrary: fc.array(record, { maxLength: 4 }) }, value),
        fencing_token: fc.oneof(text, value),
        match_seq_num: fc.oneof(fc.nat(), value),
      },
      { requiredKeys: [] },
    );
    const damage = fc.record({
      at: fc.nat(),
      byte: fc.integer({ min: 0, max: 255 }),
      isCut: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.oneof(body, value),
        fc.constantFrom(...FORMATS),
        fc.option(damage, { nil: undefined }),
        fc.constantFrom(0, 1),
        (json, format, hit, indent) => {
          const bytes = encodeUtf8(JSON.stringify(json ?? null, undefined, indent));
          if (hit === undefined) return expectSame(bytes, format);
          const at = hit.at % bytes.length;
          if (hit.isCut) return expectSame(bytes.subarray(0, at), format);
          bytes[at] = hit.byte;
          expectSame(bytes, format);
        },
      ),
      {
        numRuns: 1000 * Number(process.env.FUZZ_FACTOR ?? 1),
        seed: Number(process.env.FUZZ_SEED ?? 1),
      },
    );
  });
});

describe("integers", () => {
  const matchOf = (text: string): unknown =>
    outcomeOf(() => {
      const { message } = decode(encodeUtf8(`{"records":[{}],"match_seq_num":${text}}`));
      return Uint8Array.of(Number(decodeAppendInput(message).matchSeqNum === 2 ** 53));
    });

  test.each(["9007199254740993", "18446744073709551614", "18446744073709551615"])(
    "up to 2^64 - 1 saturate: %s",
    (text) => expect(matchOf(text)).toBe("01"),
  );

  test.each([2 ** 53 - 1, 2 ** 53 - 2, 2 ** 53 - 5, 2 ** 53 - 8, 2 ** 53 - 50, 2 ** 52 + 1])(
    "up to 2^53 - 1 are exact: %s",
    (value) => {
      const body = `{"records":[{"timestamp":${value}}],"match_seq_num":${value}}`;
      const input = decodeAppendInput(decode(encodeUtf8(body)).message);
      expect([input.matchSeqNum, input.records[0]?.timestamp]).toEqual([value, value]);
    },
  );

  test.each([
    "18446744073709551616",
    "18446744073709551617",
    "18446744073709553664",
    "99999999999999999999",
    "1.8446744073709551616e19",
    "1e20",
    `1${"0".repeat(1000)}`,
  ])("above it are refused: %s", (text) =>
    expect(matchOf(text)).toMatchObject({ code: "bad_json" }),
  );
});

describe("a long body is decoded in steps", () => {
  /** Many steps; as large as bodies may be are the records. */
  const LONG = 2 * 1024 * 1024;
  const LONGEST = 8 * 1024 * 1024;
  const filled = (start: string, unit: string, end: string, size = LONG): Uint8Array =>
    encodeUtf8(
      start + unit.repeat(Math.floor((size - start.length - end.length) / unit.length)) + end,
    );

  test.each<[string, Uint8Array]>([
    ["arrays that nobody asked for", filled('{"records":[{}],"x":[0', ",[]", "]}")],
    ["objects in a record", filled('{"records":[{"x":[0', ',{"a":{}}', "]}]}")],
    ["brackets without end", filled("", "[", "")],
    ["numbers", filled('{"records":[{}],"x":[0', ",1", "]}")],
    ["headers", filled('{"records":[{"headers":[["a",""]', ',["a",""]', "]}]}")],
    ["headers that are none", filled('{"records":[{"headers":[1', ",1", "]}]}")],
    ["records", filled('{"records":[{}', ",{}", "]}", LONGEST)],
    ["base64", filled('{"records":[{"body":"', "QUJD", '"}]}')],
    ["keys of one record", filled('{"records":[{"body":""', ',"body":""', "}]}")],
    ["keys of the body", filled('{"records":[{}]', ',"records":[{}]', "}")],
  ])("%s", (_, bytes) => {
    const walk = decodeAppendJson(bytes, "base64");
    let steps = 0;
    try {
      while (walk.next().done !== true) steps++;
    } catch (error) {
      expect(error).toBeInstanceOf(S2Error);
    }
    // Once for the characters, once for the tokens, and neither in longer steps.
    expect(steps).toBeGreaterThan((2 * bytes.length) / STRETCH_BYTES - 5);
  });
});
