// Telemetry of OpenTelemetry in streams: requests in both encodings, written by hand; what records
// they become, and what exporters are told. Spec: data-plane#otlp.

import { gzipSync } from "node:zlib";
import { type Case, define, type Suite } from "../../case.js";
import { equal, ok, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { CallOptions } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import { OTLP_ANSWERS } from "./answers.js";
import { jsonRequest, protobufRequest, SIGNALS, type Signal } from "./requests.js";
import { NEEDS, PROTOBUF, recordsOf, send } from "./sending.js";

const RECORDS = "d#otlp d#otlp-records";

async function kept(context: Context, signal: Signal): Promise<void> {
  const stream = await context.stream();
  const json = jsonRequest(signal, [{ stream: stream.name, items: ["a", "b"] }]);
  const bytes = protobufRequest([{ stream: stream.name, items: ["c"] }]);
  const first = status(await send(context, signal, { basin: stream.basin, json }), 200);
  equal(first.json, {}, "response in JSON");
  const over = "h2" as const;
  const second = await send(context, signal, {
    basin: stream.basin,
    body: bytes,
    over,
    ...PROTOBUF,
  });
  equal(
    [status(second, 200).text, second.headers["content-type"]],
    ["", "application/x-protobuf"],
    "response in protobuf",
  );
  const [one, two] = await recordsOf(context, stream);
  const headers = (type: string): unknown => [
    ["otlp.signal", signal],
    ["otlp.version", "v1"],
    ["content-type", type],
  ];
  equal(one?.headers, headers("application/json"), "headers of JSON");
  equal(JSON.parse(one?.body.toString() ?? ""), json, "body in JSON");
  equal(two?.headers, headers("application/x-protobuf"), "headers of protobuf");
  equal([...(two?.body ?? [])], [...bytes], "body in protobuf");
}

async function oneForEach(context: Context): Promise<void> {
  const [a, b] = [await context.stream(), await context.stream()];
  const groups = [
    { stream: a.name, items: ["1"] },
    { stream: b.name, items: ["2"] },
    { stream: a.name, items: ["3"] },
    { stream: a.name, items: [] },
  ];
  const json = jsonRequest("logs", groups);
  status(await send(context, "logs", { basin: a.basin, json }), 200);
  const bodies = (await recordsOf(context, a)).map(({ body }) => JSON.parse(body.toString()));
  equal(
    bodies,
    [groups[0], groups[2]].map((group) => jsonRequest("logs", [group ?? { items: [] }])),
    "bodies",
  );
  equal((await recordsOf(context, b)).length, 1, "records of the other stream");
}

async function unknownFields(context: Context): Promise<void> {
  const stream = await context.stream();
  const json = jsonRequest("traces", [{ stream: stream.name, items: ["a"] }]);
  const [group] = json.resourceSpans as object[];
  const later = { resourceSpans: [{ ...group, fromLater: [{ é: null }] }] };
  status(await send(context, "traces", { basin: stream.basin, json: later }), 200);
  // Field 100 of the group, "later".
  const extra = [0xa2, 0x06, 5, ...Buffer.from("later")];
  const bytes = protobufRequest([{ stream: stream.name, items: ["a"], extra }]);
  const options = { basin: stream.basin, body: bytes, ...PROTOBUF };
  status(await send(context, "traces", options), 200);
  const [one, two] = await recordsOf(context, stream);
  equal(JSON.parse(one?.body.toString() ?? ""), later, "unknown fields in JSON");
  equal([...(two?.body ?? [])], [...bytes], "unknown fields in protobuf");
}

async function split(context: Context): Promise<void> {
  const stream = await context.stream();
  const items = ["a", "b", "c"].map((name) => name.repeat(400 * 1024));
  const json = jsonRequest("logs", [{ stream: stream.name, items }]);
  status(await send(context, "logs", { basin: stream.basin, json }), 200);
  const bytes = protobufRequest([{ stream: stream.name, items }]);
  status(await send(context, "logs", { basin: stream.basin, body: bytes, ...PROTOBUF }), 200);
  const records = await recordsOf(context, stream);
  equal(records.length, 4, "records");
  const groups = records
    .slice(0, 2)
    .map(({ body }) => JSON.parse(body.toString()).resourceLogs[0] as OtlpGroup);
  equal(
    groups.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body.stringValue[0])),
    ),
    ["a", "b", "c"],
    "items of all parts",
  );
  for (const { resource, scopeLogs } of groups) {
    equal(resource.attributes.length, 1, "attributes of each part");
    equal(
      scopeLogs.map(({ scope }) => scope.name),
      ["scope"],
      "scopes of a part",
    );
  }
  for (const { body } of records.slice(2)) equal(body[0], 0x0a, "tag of a group");
}

interface OtlpGroup {
  readonly resource: { readonly attributes: readonly unknown[] };
  readonly scopeLogs: readonly {
    readonly scope: { readonly name: string };
    readonly logRecords: readonly { readonly body: { readonly stringValue: string } }[];
  }[];
}

async function compressed(context: Context): Promise<void> {
  const stream = await context.stream();
  const bytes = protobufRequest([{ stream: stream.name, items: ["x"] }]);
  const body = gzipSync(bytes);
  const headers = { ...PROTOBUF.headers, "content-encoding": "gzip" };
  status(await send(context, "traces", { basin: stream.basin, body, headers }), 200);
  const [record] = await recordsOf(context, stream);
  equal([...(record?.body ?? [])], [...bytes], "body");
}

async function inThePath(context: Context): Promise<void> {
  const stream = await context.stream();
  const json = jsonRequest("logs", [{ stream: stream.name, items: ["x"] }]);
  const path = `/v1/basins/${stream.basin}/otlp/v1/logs`;
  status(await context.call("POST", path, { json }), 200);
  await stream.hasTail(1);
}

async function byHeader(context: Context): Promise<void> {
  const [named, other] = [await context.stream(), await context.stream()];
  const { basin } = named;
  const json = jsonRequest("logs", [{ items: ["x"] }, { stream: other.name, items: ["y"] }]);
  const headers = { "s2-otlp-stream": named.name };
  status(await send(context, "logs", { basin, json, headers }), 200);
  await named.hasTail(1);
  await other.hasTail(1);
}

async function created(context: Context): Promise<void> {
  const basin = await context.basin({ create_stream_on_append: true });
  const json = jsonRequest("logs", [{ stream: "new/stream", items: ["x"] }]);
  const options: CallOptions = { basin, json };
  status(await send(context, "logs", options), 200);
  const tail: Answer = await context.call("GET", "/v1/streams/new%2Fstream/records/tail", {
    basin,
  });
  equal(status(tail, 200).json.tail.seq_num, 1, "tail of the stream that was made");
}

async function methods(context: Context): Promise<void> {
  const { basin } = await context.stream();
  const answer = await context.call("GET", "/otlp/v1/logs", { basin });
  refused(answer, 405, "method_not_allowed");
  ok((answer.headers.allow ?? "").includes("POST"), "Allow names POST");
  refused(await context.call("POST", "/otlp/v1/profiles", { basin }), 404, "not_found");
}

const EACH: readonly Case[] = SIGNALS.map((signal) =>
  define(
    `kept-${signal}`,
    RECORDS,
    `a request of ${signal} becomes a record, byte for byte, with what it is in its headers`,
    (context) => kept(context, signal),
    NEEDS,
  ),
);

export const OTLP: Suite = {
  name: "otlp",
  title: "OTLP",
  cases: [
    ...EACH,
    define(
      "one-for-each",
      "d#otlp-records d#otlp-streams",
      "each resource is a record of its stream, in order; those without an item are none",
      oneForEach,
      NEEDS,
    ),
    define("unknown-fields", RECORDS, "fields that nobody knows are kept", unknownFields, NEEDS),
    define("split", RECORDS, "what is too large for a record is split by item", split, NEEDS),
    define("gzip", "d#otlp", "a body may be compressed", compressed, NEEDS),
    define("methods", "d#otlp c#routes", "OTLP has POST alone", methods, NEEDS),
    define(
      "header",
      "d#otlp-streams",
      "a header names a stream for who names none",
      byHeader,
      NEEDS,
    ),
    define(
      "created",
      "d#otlp-streams d#automatic-creation",
      "streams are created on append where the basin says so",
      created,
      NEEDS,
    ),
    define(
      "basin-in-path",
      "d#otlp c#basins-in-the-path",
      "the path may name the basin",
      inThePath,
      { needs: ["otlp", "path-basins"] },
    ),
    ...OTLP_ANSWERS,
  ],
};
