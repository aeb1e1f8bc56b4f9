// Bodies of unary appends, JSON and protobuf: what is refused with which code, types, unknown
// fields. Cases of the suite in append.ts. Spec: data-plane#body.

import { type Case, define } from "../../case.js";
import { encodeInput } from "../../codec/messages.js";
import { bytesField } from "../../codec/protobuf.js";
import { equal, refused, status } from "../../expect.js";
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

export const APPEND_BODIES: readonly Case[] = [
  ...badBodies,
  ...badProto,
  define(
    "content-types",
    "d#which-format-is-spoken",
    "JSON and +json are taken, others are 400 bad_json",
    contentTypes,
  ),
  define("unknown-fields", "d#body", "unknown fields are ignored; JSON is JSON", unknownFields),
];
