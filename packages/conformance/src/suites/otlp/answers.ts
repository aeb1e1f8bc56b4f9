// What exporters are told: what was rejected and why, what is no request, what they may not do.
// Cases of the suite in otlp.ts. Spec: data-plane#otlp-answers.

import { gzipSync } from "node:zlib";
import { type Case, define } from "../../case.js";
import { decodeFields } from "../../codec/protobuf.js";
import { equal, matches, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import { issue } from "../access/issue.js";
import { jsonRequest, protobufRequest } from "./requests.js";
import { NEEDS, PROTOBUF, send } from "./sending.js";

const ANSWERS = "d#otlp-answers";
const MAX_BODY_BYTES = 20 * 1024 * 1024;

async function partial(context: Context): Promise<void> {
  const stream = await context.stream();
  const groups = [{ stream: stream.name, items: ["a"] }, { items: ["b", "c"] }];
  const options = { basin: stream.basin, json: jsonRequest("metrics", groups) };
  const { partialSuccess } = status(await send(context, "metrics", options), 200).json;
  equal(partialSuccess.rejectedDataPoints, "4", "rejected data points");
  matches(partialSuccess.errorMessage, /s2\.stream/, "why");
  const body = protobufRequest(groups);
  const answer = status(
    await send(context, "logs", { basin: stream.basin, body, ...PROTOBUF }),
    200,
  );
  const [field] = decodeFields(answer.bytes);
  equal(field?.number, 1, "field of a partial success");
  const [rejected, message] = decodeFields(field?.value as Uint8Array);
  equal([rejected?.number, rejected?.value], [1, 2n], "rejected log records");
  equal(message?.number, 2, "field of the message");
  await stream.hasTail(2);
}

async function tooLarge(context: Context): Promise<void> {
  const stream = await context.stream();
  const items = ["before", "x".repeat(1024 * 1024), "behind"];
  const json = jsonRequest("logs", [{ stream: stream.name, items }]);
  const answer = status(await send(context, "logs", { basin: stream.basin, json }), 200);
  equal(answer.json.partialSuccess.rejectedLogRecords, "1", "rejected log records");
  ok((await stream.tail()).seq_num >= 1, "the others are kept");
}

async function nothingTaken(context: Context): Promise<void> {
  const { basin } = await context.stream();
  const json = jsonRequest("traces", [{ stream: "none-such", items: ["a"] }]);
  const missing = await send(context, "traces", { basin, json });
  refused(missing, 404, "stream_not_found");
  const nameless = jsonRequest("traces", [{ stream: "", items: ["a"] }, { items: ["b"] }]);
  refused(await send(context, "traces", { basin, json: nameless }), 422, "invalid");
  const body = protobufRequest([{ stream: "none-such", items: ["a"] }]);
  const told = status(await send(context, "logs", { basin, body, ...PROTOBUF }), 404);
  equal(told.headers["content-type"], "application/x-protobuf", "type of a failure");
  const [message] = decodeFields(told.bytes);
  equal(message?.number, 2, "field of a message in a Status");
  const text = Buffer.from(message?.value as Uint8Array).toString();
  matches(text, /stream_not_found/, "message");
}

async function nothingAsked(context: Context): Promise<void> {
  const { basin } = await context.stream();
  equal(status(await send(context, "logs", { basin, json: {} }), 200).json, {}, "in JSON");
  const body = new Uint8Array(0);
  equal(status(await send(context, "logs", { basin, body, ...PROTOBUF }), 200).text, "", "bytes");
}

async function malformed(context: Context): Promise<void> {
  const { basin } = await context.stream();
  refused(await send(context, "logs", { basin, json: { resourceLogs: 7 } }), 400, "bad_json");
  const headers = { "content-type": "application/json" };
  refused(await send(context, "logs", { basin, body: '{"a"', headers }), 400, "bad_json");
  const body = Uint8Array.from([0x0a, 9, 1]);
  status(await send(context, "logs", { basin, body, ...PROTOBUF }), 400);
  const gzip = { ...PROTOBUF.headers, "content-encoding": "gzip" };
  status(await send(context, "logs", { basin, body, headers: gzip }), 400);
  const other = { "content-type": "text/plain" };
  refused(
    await send(context, "logs", { basin, body: "{}", headers: other }),
    415,
    "unsupported_media_type",
  );
}

async function tooLong(context: Context): Promise<void> {
  const { basin } = await context.stream();
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  const bomb = gzipSync(Buffer.alloc(MAX_BODY_BYTES + 1, " "));
  refused(await send(context, "logs", { basin, body: bomb, headers }), 413, "content_too_large");
}

async function scopes(context: Context): Promise<void> {
  const [mine, other] = [await context.stream(), await context.stream()];
  const { basin } = mine;
  const scope = { basins: { exact: basin }, streams: { exact: mine.name } };
  const { token } = await issue(context, { ...scope, ops: ["append"] });
  const both = jsonRequest("logs", [
    { stream: mine.name, items: ["a"] },
    { stream: other.name, items: ["b"] },
  ]);
  const answer = status(await send(context, "logs", { basin, json: both, token }), 200);
  equal(answer.json.partialSuccess.rejectedLogRecords, "1", "rejected log records");
  await mine.hasTail(1);
  await other.hasTail(0);
  const theirs = jsonRequest("logs", [{ stream: other.name, items: ["b"] }]);
  refused(await send(context, "logs", { basin, json: theirs, token }), 403, "permission_denied");
  const { token: reader } = await issue(context, { ...scope, ops: ["read"] });
  refused(
    await send(context, "logs", { basin, json: {}, token: reader }),
    403,
    "permission_denied",
  );
}

export const OTLP_ANSWERS: readonly Case[] = [
  define("partial", ANSWERS, "what was rejected is counted, and why is told", partial, NEEDS),
  define(
    "too-large",
    `${ANSWERS} d#otlp-records`,
    "an item that no record holds is rejected, its neighbours are kept",
    tooLarge,
    NEEDS,
  ),
  define("nothing-taken", ANSWERS, "with nothing taken it is a failure", nothingTaken, NEEDS),
  define("nothing-asked", ANSWERS, "a request of nothing is fine", nothingAsked, NEEDS),
  define("malformed", "d#otlp", "what is no request is refused", malformed, NEEDS),
  define(
    "too-long",
    "d#otlp",
    "a body above 20 MiB is 413, also when it was small",
    tooLong,
    NEEDS,
  ),
  define(
    "scopes",
    `${ANSWERS} c#what-is-checked`,
    "a token writes to the streams of its scope and no others",
    scopes,
    { needs: ["otlp", "access-tokens", "auth"] },
  ),
];
