// Unary appends: the body in every form, what is refused, acknowledgements, conditions. A refusal
// must leave the tail where it was.

import { type Case, define, type Suite } from "../../case.js";
import { decodeAck, encodeInput } from "../../codec/messages.js";
import { bytesField, numberField } from "../../codec/protobuf.js";
import { equal, includes, matches, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

/** Bodies as text, since some are no JSON. */
const BAD_BODIES: readonly (readonly [string, string, number, string])[] = [
  ["empty", "", 400, "bad_json"],
  ["no-json", "{", 400, "bad_json"],
  ["null", "null", 400, "bad_json"],
  ["list", "[]", 400, "bad_json"],
  ["trailing", '{"records":[{}]}x', 400, "bad_json"],
  ["no-records", "{}", 400, "bad_json"],
  ["records-null", '{"records":null}', 400, "bad_json"],
  ["records-object", '{"records":{}}', 400, "bad_json"],
  ["records-empty", '{"records":[]}', 422, "invalid"],
  ["record-null", '{"records":[null]}', 400, "bad_json"],
  ["record-text", '{"records":["x"]}', 400, "bad_json"],
  ["body-null", '{"records":[{"body":null}]}', 400, "bad_json"],
  ["body-number", '{"records":[{"body":7}]}', 400, "bad_json"],
  ["headers-object", '{"records":[{"headers":{"a":"b"}}]}', 400, "bad_json"],
  ["header-of-one", '{"records":[{"headers":[["a"]]}]}', 400, "bad_json"],
  ["header-of-three", '{"records":[{"headers":[["a","b","c"]]}]}', 400, "bad_json"],
  ["header-number", '{"records":[{"headers":[["a",1]]}]}', 400, "bad_json"],
  ["timestamp-negative", '{"records":[{"timestamp":-1}]}', 400, "bad_json"],
  ["timestamp-fraction", '{"records":[{"timestamp":1.5}]}', 400, "bad_json"],
  ["timestamp-text", '{"records":[{"timestamp":"1"}]}', 400, "bad_json"],
  ["timestamp-above-u64", '{"records":[{"timestamp":18446744073709551616}]}', 400, "bad_json"],
  ["match-negative", '{"records":[{}],"match_seq_num":-1}', 400, "bad_json"],
  ["match-text", '{"records":[{}],"match_seq_num":"0"}', 400, "bad_json"],
  ["match-fraction", '{"records":[{}],"match_seq_num":0.5}', 400, "bad_json"],
  ["match-above-u64", '{"records":[{}],"match_seq_num":18446744073709551616}', 400, "bad_json"],
  ["token-number", '{"records":[{}],"fencing_token":7}', 400, "bad_json"],
  ["token-37-bytes", `{"records":[{}],"fencing_token":"${"x".repeat(37)}"}`, 400, "bad_json"],
  [
    "token-38-bytes-of-umlauts",
    `{"records":[{}],"fencing_token":"${"ä".repeat(19)}"}`,
    400,
    "bad_json",
  ],
];

const badBodies = BAD_BODIES.map(
  ([name, body, expected, code]): Case =>
    define(
      `json-${name}`,
      "d#body d#limits",
      `${body.slice(0, 60)} is ${expected} ${code}, and changes nothing`,
      async (context) => {
        const stream = await context.stream();
        refused(await stream.postText(body), expected, code);
        await stream.hasTail(0);
      },
    ),
);

const BAD_PROTO: readonly (readonly [string, Uint8Array, number, string])[] = [
  ["varint-cut", Buffer.from([0xff, 0xff]), 400, "bad_proto"],
  ["field-cut", Buffer.from([0x0a, 0x05, 0x1a]), 400, "bad_proto"],
  ["record-cut", Buffer.from([0x0a, 0x02, 0x1a, 0x05]), 400, "bad_proto"],
  ["empty", Buffer.alloc(0), 422, "invalid"],
  ["token-37-bytes", encodeInput({ records: [{}], fencingToken: "x".repeat(37) }), 422, "invalid"],
  [
    "token-no-utf8",
    Buffer.concat([encodeInput({ records: [{}] }), bytesField(3, Buffer.from([0xff]))]),
    400,
    "bad_proto",
  ],
];

const badProto = BAD_PROTO.map(
  ([name, body, expected, code]): Case =>
    define(
      `proto-${name}`,
      "d#messages d#body d#limits",
      `protobuf ${name} is ${expected} ${code}, and changes nothing`,
      async (context) => {
        const stream = await context.stream();
        for (const type of ["application/protobuf", "application/x-protobuf"])
          refused(await stream.postProto(body, { "content-type": type }), expected, code);
        await stream.hasTail(0);
      },
    ),
);

async function acknowledgement(context: Context): Promise<void> {
  const stream = await context.stream();
  const at = 1_713_812_735_000;
  const first = await stream.post({
    records: [
      { body: "a", timestamp: at },
      { body: "b", timestamp: at + 4 },
    ],
  });
  equal(
    status(first, 200).json,
    {
      start: { seq_num: 0, timestamp: at },
      end: { seq_num: 2, timestamp: at + 4 },
      tail: { seq_num: 2, timestamp: at + 4 },
    },
    "acknowledgement",
  );
  const second = await stream.append([{ timestamp: at + 9 }]);
  equal([second.start, second.end.seq_num], [{ seq_num: 2, timestamp: at + 9 }, 3], "the next one");
  equal(await stream.tail(), second.tail, "check tail");
}

async function protobuf(context: Context): Promise<void> {
  const stream = await context.stream();
  const at = 1_713_812_735_000;
  const body = encodeInput({ records: [{ timestamp: at, headers: [["k", "v"]], body: "hello" }] });
  const answer = await stream.postProto(body, { accept: "application/protobuf" });
  status(answer, 200);
  equal(answer.headers["content-type"], "application/protobuf", "content-type");
  // The acknowledgement of the vectors, byte for byte.
  equal(
    answer.bytes.toString("hex"),
    "0a071098" + "88ccb9f031120908011098" + "88ccb9f0311a0908011098" + "88ccb9f031",
    "bytes of the acknowledgement",
  );
  equal(decodeAck(answer.bytes).tail, { seq_num: 1, timestamp: at }, "tail");
  const json = await stream.postProto(body);
  equal(status(json, 200).json.end.seq_num, 2, "the answer is JSON unless protobuf is accepted");
  const proto = await stream.post(
    { records: [{}] },
    { headers: { accept: "application/x-protobuf" } },
  );
  equal(decodeAck(status(proto, 200).bytes).end.seq_num, 3, "JSON in, protobuf out");
  const unknown = Buffer.concat([body, numberField(15, 7), bytesField(14, Buffer.from("x"))]);
  equal(
    status(await stream.postProto(unknown), 200).json.end.seq_num,
    4,
    "unknown fields are skipped",
  );
}

async function matchSeqNum(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([{ body: "x" }], { match_seq_num: 0 });
  const failed = await stream.post({ records: [{ body: "y" }], match_seq_num: 0 });
  equal([failed.status, failed.json], [412, { seq_num_mismatch: 1 }], "a mismatch");
  await stream.append([{}, {}], { match_seq_num: 1 });
  const huge = await stream.postText('{"records":[{}],"match_seq_num":18446744073709551615}');
  equal([huge.status, huge.json], [412, { seq_num_mismatch: 3 }], "the largest number");
  await stream.append([{}], { match_seq_num: null, fencing_token: null });
  const proto = await stream.postProto(encodeInput({ records: [{}], matchSeqNum: 0 }));
  equal(
    [proto.status, proto.json],
    [412, { seq_num_mismatch: 4 }],
    "protobuf, and the error is JSON",
  );
  await stream.hasTail(4);
}

async function repetition(context: Context): Promise<void> {
  const stream = await context.stream();
  const json = { records: [{ body: "once" }, { body: "twice" }], match_seq_num: 0 };
  status(await stream.post(json), 200);
  const again = await stream.post(json);
  equal([again.status, again.json], [412, { seq_num_mismatch: 2 }], "a guarded repetition");
  status(await stream.post({ records: [{ body: "x" }] }), 200);
  status(await stream.post({ records: [{ body: "x" }] }), 200);
  await stream.hasTail(4);
}

async function fencing(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([{}], { fencing_token: "" });
  status(await stream.fence("one"), 200);
  const wrong = await stream.post({ records: [{}], fencing_token: "two", match_seq_num: 99 });
  equal(
    [wrong.status, wrong.json],
    [412, { fencing_token_mismatch: "one" }],
    "the fence is looked at first",
  );
  const empty = await stream.post({ records: [{}], fencing_token: "" });
  equal(
    [empty.status, empty.json],
    [412, { fencing_token_mismatch: "one" }],
    "the empty token is a check",
  );
  await stream.append([{ body: "names none" }]);
  await stream.append([{ body: "right" }], { fencing_token: "one" });
  await stream.hasTail(4);
}

async function unicodeToken(context: Context): Promise<void> {
  const stream = await context.stream();
  const token = "ä".repeat(18);
  status(await stream.fence(token), 200);
  const wrong = await stream.post({ records: [{}], fencing_token: "x" });
  equal(wrong.json, { fencing_token_mismatch: token }, "36 bytes of UTF-8");
  await stream.append([{}], { fencing_token: token });
}

async function contentTypes(context: Context): Promise<void> {
  const stream = await context.stream();
  const send = (type: string | undefined): ReturnType<Context["call"]> =>
    context.call("POST", stream.path, {
      basin: stream.basin,
      body: '{"records":[{}]}',
      headers: type === undefined ? {} : { "content-type": type },
    });
  for (const type of [
    "application/json",
    "application/vnd.x+json",
    "Application/JSON; charset=utf-8",
  ])
    status(await send(type), 200, type);
  for (const type of ["application/xml", "text/plain", undefined])
    refused(await send(type), 400, "bad_json", type ?? "no content-type");
  await stream.hasTail(3);
}

async function unknownFields(context: Context): Promise<void> {
  const stream = await context.stream();
  status(await stream.post({ records: [{ body: "x", bogus: [1, { a: null }] }], bogus: "y" }), 200);
  const escaped = await stream.postText('{"re\\u0063ords":[{"b\\u006fdy":"\\ud83e\\udd80"}]}');
  status(escaped, 200);
  equal(await stream.texts("seq_num=1"), ["🦀"], "escapes in keys and surrogate pairs");
}

async function atomic(context: Context): Promise<void> {
  const stream = await context.stream();
  const bad = { records: [{ body: "good" }, { headers: [["", "bogus"]], body: "bad" }] };
  refused(await stream.post(bad), 422, "invalid");
  await stream.hasTail(0);
}

async function orderOfChecks(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const none = { basin, path: "/v1/streams/none-such/records" };
  const post = (body: string, headers: Record<string, string> = {}): ReturnType<Context["call"]> =>
    context.call("POST", none.path, {
      basin,
      body,
      headers: { "content-type": "application/json", ...headers },
    });
  refused(
    await post("{", { "s2-encryption-key": "x".repeat(45), "s2-format": "bogus" }),
    400,
    "bad_header",
    "key and format",
  );
  refused(await post("{", { "s2-format": "bogus" }), 400, "bad_header", "format before body");
  refused(await post("{"), 400, "bad_json", "body before the stream");
  refused(await post('{"records":[]}'), 422, "invalid", "rules before the stream");
  refused(
    await post('{"records":[{"headers":[["","x"]]}]}'),
    422,
    "invalid",
    "commands before the stream",
  );
  refused(
    await post('{"records":[{}],"match_seq_num":9}'),
    404,
    "stream_not_found",
    "the stream before conditions",
  );
  const stream = await context.stream({ timestamping: { mode: "client-require" } });
  equal(
    (await stream.post({ records: [{}], match_seq_num: 9 })).status,
    412,
    "conditions before timestamps",
  );
  refused(await stream.post({ records: [{}] }), 422, "invalid", "timestamps last");
}

export const APPEND: Suite = {
  name: "append",
  title: "Unary appends",
  cases: [
    ...badBodies,
    ...badProto,
    define(
      "acknowledgement",
      "d#acknowledgement d#append d#records",
      "start is the first record, end the number after the last, tail the tail",
      acknowledgement,
    ),
    define(
      "protobuf",
      "d#which-format-is-spoken d#messages d#acknowledgement d#vectors",
      "protobuf in and out, each for itself",
      protobuf,
    ),
    define(
      "match-seq-num",
      "d#failed-conditions d#body",
      "a failed match is 412 with the number that would have been",
      matchSeqNum,
    ),
    define(
      "repetition",
      "d#repeating-an-append",
      "only match_seq_num guards a repetition",
      repetition,
    ),
    define(
      "fencing-token",
      "d#failed-conditions d#fence d#body",
      "a wrong token is 412 with the one in force",
      fencing,
    ),
    define(
      "fencing-token-36-bytes",
      "d#limits d#fence",
      "a token has up to 36 bytes of UTF-8",
      unicodeToken,
    ),
    define(
      "content-types",
      "d#which-format-is-spoken",
      "JSON and +json are taken, others are 400 bad_json",
      contentTypes,
    ),
    define("unknown-fields", "d#body", "unknown fields are ignored; JSON is JSON", unknownFields),
    define("atomic", "d#guarantees d#order-of-checks", "one bad record refuses its batch", atomic),
    define(
      "order",
      "d#order-of-checks",
      "header, format, body, records, stream, conditions, timestamps",
      orderOfChecks,
    ),
    define(
      "failed-condition-body",
      "d#failed-conditions c#error-body",
      "the body of 412 has exactly one key and no code",
      async (context) => {
        const stream = await context.stream();
        const answer = status(await stream.post({ records: [{}], match_seq_num: 5 }), 412);
        equal(Object.keys(answer.json), ["seq_num_mismatch"], "keys");
        matches(answer.headers["content-type"] ?? "", /^application\/json/, "content-type");
        includes(answer.json, { seq_num_mismatch: 0 }, "412");
        ok(!("code" in answer.json), "code");
      },
    ),
  ],
};
