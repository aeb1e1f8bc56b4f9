// How bytes travel: raw text, base64, protobuf; what each can carry and how it comes back.
// Sessions have theirs in sessions/. Spec: data-plane#which-format-is-spoken.

import { type Case, define, type Suite } from "../../case.js";
import { decodeBatch, encodeInput } from "../../codec/messages.js";
import { equal, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

async function everyByte(context: Context): Promise<void> {
  const stream = await context.stream();
  const header = [ALL_BYTES.subarray(1), ALL_BYTES] as const;
  status(
    await stream.postProto(encodeInput({ records: [{ headers: [header], body: ALL_BYTES }] })),
    200,
  );
  const proto = await stream.get("seq_num=0", { headers: { accept: "application/protobuf" } });
  equal(status(proto, 200).headers["content-type"], "application/protobuf", "content-type");
  const [record] = decodeBatch(proto.bytes).records;
  equal(record?.body, ALL_BYTES.toString("latin1"), "body through protobuf");
  equal(
    record?.headers,
    [header.map((each) => each.toString("latin1"))],
    "headers through protobuf",
  );
  for (const format of ["base64", "json-binsafe"]) {
    const answer = status(await stream.get("seq_num=0", { headers: { "s2-format": format } }), 200);
    equal(answer.json.records[0].body, ALL_BYTES.toString("base64"), `body as ${format}`);
    equal(
      answer.json.records[0].headers,
      [header.map((each) => each.toString("base64"))],
      `headers as ${format}`,
    );
  }
}

async function base64In(context: Context): Promise<void> {
  const stream = await context.stream();
  const records = [{ body: "AAECAw==", headers: [["aw==", "dg=="]] }];
  for (const format of ["base64", "json-binsafe"])
    status(await stream.post({ records }, { headers: { "s2-format": format } }), 200);
  const proto = await stream.get("seq_num=0", { headers: { accept: "application/protobuf" } });
  for (const record of decodeBatch(proto.bytes).records) {
    equal(record.body, "\x00\x01\x02\x03", "body");
    equal(record.headers, [["k", "v"]], "headers");
  }
}

const BAD_BASE64: readonly Case[] = ["%%%%", "AAE", "AA E=", "AAE=x", "-_-_", "A"].map(
  (body, index) =>
    define(
      `bad-base64-${index + 1}`,
      "d#which-format-is-spoken d#order-of-checks",
      `the base64 ${JSON.stringify(body)} is 422 invalid`,
      async (context) => {
        const stream = await context.stream();
        const headers = { "s2-format": "base64" };
        refused(await stream.post({ records: [{ body }] }, { headers }), 422, "invalid");
        refused(
          await stream.post({ records: [{ headers: [["aw==", body]] }] }, { headers }),
          422,
          "invalid",
        );
        await stream.hasTail(0);
      },
    ),
);

async function rawIsLossy(context: Context): Promise<void> {
  const stream = await context.stream();
  const pieces: readonly (readonly [number[], string])[] = [
    [[0xff], "\ufffd"],
    [[0x61, 0xe2, 0x82, 0x62], "a\ufffdb"],
    [[0xf0, 0x9f, 0xa6], "\ufffd"],
    [[0xc0, 0x80], "\ufffd\ufffd"],
    [[0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    [[0xef, 0xbb, 0xbf, 0x78], "\ufeffx"],
  ];
  const records = pieces.map(([bytes]) => ({ body: Buffer.from(bytes) }));
  status(await stream.postProto(encodeInput({ records })), 200);
  equal(
    await stream.texts("seq_num=0"),
    pieces.map(([, text]) => text),
    "each maximal invalid sequence is U+FFFD",
  );
}

async function formatNames(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("hi");
  for (const format of ["raw", "json"])
    equal(
      status(await stream.get("seq_num=0", { headers: { "s2-format": format } }), 200).json
        .records[0].body,
      "hi",
      format,
    );
  refused(await stream.get("seq_num=0", { headers: { "s2-format": "bogus" } }), 400, "bad_header");
  refused(
    await stream.post({ records: [{}] }, { headers: { "s2-format": "bogus" } }),
    400,
    "bad_header",
  );
  // For JSON bodies only.
  status(await stream.postProto(encodeInput({ records: [{}] }), { "s2-format": "bogus" }), 200);
  await stream.hasTail(2);
}

async function answerForm(context: Context): Promise<void> {
  const stream = await context.stream();
  const at = 1_713_812_735_000;
  await stream.append([{ timestamp: at, headers: [["k", "v"]], body: "hello" }, { timestamp: at }]);
  const { json } = status(await stream.get("seq_num=0&count=1"), 200);
  equal(
    json.records,
    [{ seq_num: 0, timestamp: at, headers: [["k", "v"]], body: "hello" }],
    "a record",
  );
  const empty = status(await stream.get("seq_num=1&count=1"), 200);
  equal(empty.json.records, [{ seq_num: 1, timestamp: at }], "empty headers and body are left out");
  equal(
    status(await stream.get("seq_num=0&count=0"), 200).json.records,
    [],
    "records is always there",
  );
}

async function protobufAnswer(context: Context): Promise<void> {
  const stream = await context.stream();
  const at = 1_713_812_735_000;
  await stream.append([{ timestamp: at, headers: [["k", "v"]], body: "hello" }, { timestamp: at }]);
  const answer = status(
    await stream.get("seq_num=0&count=1", { headers: { accept: "application/protobuf" } }),
    200,
  );
  // Record 0 of the vectors: seq_num 0 is left out.
  equal(
    answer.bytes.subarray(0, 24).toString("hex"),
    "0a16109888ccb9f0311a060a016b1201762205" + "68656c6c6f",
    "bytes of a record",
  );
}

async function order(context: Context): Promise<void> {
  const stream = await context.stream();
  const headers = [
    ["b", "1"],
    ["a", "2"],
    ["b", "3"],
    ["b", "1"],
    ["e", ""],
  ] as const;
  await stream.append([{ headers, body: "" }]);
  equal(
    status(await stream.get("seq_num=0"), 200).json.records[0].headers,
    headers,
    "order and repetition are kept",
  );
}

async function firstMediaType(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  const typeFor = async (accept: string): Promise<string | undefined> =>
    status(await stream.get("seq_num=0", { headers: { accept } }), 200).headers["content-type"];
  equal(
    await typeFor("APPLICATION/PROTOBUF; q=1"),
    "application/protobuf",
    "any case, without parameters",
  );
  equal(
    await typeFor("application/x-protobuf, application/json"),
    "application/protobuf",
    "the first counts",
  );
  equal(
    await typeFor("application/json, application/protobuf"),
    "application/json",
    "the first counts",
  );
  equal(await typeFor("text/html"), "application/json", "JSON else");
  const typed = await stream.get("seq_num=0", {
    headers: { "content-type": "application/protobuf" },
  });
  equal(
    status(typed, 200).headers["content-type"],
    "application/json",
    "the type of a request without a body is nothing",
  );
}

export const FORMATS: Suite = {
  name: "formats",
  title: "Formats",
  cases: [
    define(
      "every-byte",
      "d#which-format-is-spoken d#records d#messages",
      "protobuf and base64 carry every byte",
      everyByte,
    ),
    define(
      "base64-in",
      "d#which-format-is-spoken",
      "base64 is decoded in names, values and bodies",
      base64In,
    ),
    ...BAD_BASE64,
    define(
      "raw-is-lossy",
      "d#which-format-is-spoken",
      "raw text reads invalid sequences as U+FFFD",
      rawIsLossy,
    ),
    define(
      "format-names",
      "d#which-format-is-spoken",
      "raw, json, base64, json-binsafe; others are 400 bad_header",
      formatNames,
    ),
    define(
      "json-answer",
      "d#answer",
      "empty parts are left out, records is always there",
      answerForm,
    ),
    define(
      "protobuf-answer",
      "d#answer d#messages d#vectors",
      "a record has the bytes of the vectors",
      protobufAnswer,
    ),
    define("header-order", "d#records", "order and repetition of headers are kept", order),
    define(
      "first-media-type",
      "d#which-format-is-spoken",
      "only the first media type counts",
      firstMediaType,
    ),
  ],
};
