// Unary appends: acknowledgements, formats, the order of checks. Bodies are in append-bodies.ts,
// conditions in append-conditions.ts. A refusal must leave the tail where it was.

import { define, type Suite } from "../../case.js";
import { decodeAck, encodeInput } from "../../codec/messages.js";
import { bytesField, numberField } from "../../codec/protobuf.js";
import { equal, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import { APPEND_BODIES } from "./append-bodies.js";
import { APPEND_CONDITIONS } from "./append-conditions.js";

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
    ...APPEND_BODIES,
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
    ...APPEND_CONDITIONS,
    define("atomic", "d#guarantees d#order-of-checks", "one bad record refuses its batch", atomic),
    define(
      "order",
      "d#order-of-checks",
      "header, format, body, records, stream, conditions, timestamps",
      orderOfChecks,
    ),
  ],
};
