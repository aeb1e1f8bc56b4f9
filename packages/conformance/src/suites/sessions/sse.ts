// Server-sent events: the form of each event, ids, the end. Resuming is in sse-resuming.ts.
// Lines are compared as they came. Spec: data-plane#sse.

import { type Case, define, type Suite } from "../../case.js";
import { equal, matches, ok, refused, show, status } from "../../expect.js";
import type { HttpVersion } from "../../probe/exchange.js";
import type { Context } from "../../run/context.js";
import { numbers, whole } from "./events.js";
import { SSE_RESUMING } from "./sse-resuming.js";

async function batches(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([
    { timestamp: 7, body: "a" },
    { timestamp: 9, headers: [["k", "v"]], body: "b" },
  ]);
  const events = await stream.events("seq_num=0&count=2");
  matches(events.headers["content-type"] ?? "", /^text\/event-stream/, "content-type");
  const [batch, ...others] = await whole(events);
  equal(others, [], "other events");
  equal(batch?.event, "batch", "event");
  equal(batch?.id, "1,2,22", "id: last number, count, metered bytes");
  equal(
    batch?.json.records,
    [
      { seq_num: 0, timestamp: 7, body: "a" },
      { seq_num: 1, timestamp: 9, headers: [["k", "v"]], body: "b" },
    ],
    "records",
  );
  equal(
    batch?.lines.map((line) => line.split(":")[0]).sort(),
    ["data", "event", "id"],
    "lines of a batch",
  );
}

async function headers(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  const events = await stream.events("seq_num=0&count=1", { "accept-encoding": "gzip, zstd" });
  equal(events.headers["x-accel-buffering"], "no", "x-accel-buffering");
  for (const word of ["no-cache", "no-store", "no-transform"])
    ok((events.headers["cache-control"] ?? "").includes(word), `cache-control lacks ${word}`);
  equal(events.headers["content-encoding"], undefined, "content-encoding");
  await whole(events);
}

async function follows(context: Context, over: HttpVersion = "h1"): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("old");
  const events = await stream.events("seq_num=0", {}, over);
  equal(numbers([await events.expect("batch")]), [0], "stored");
  const ping = await events.expect("ping");
  equal(ping.json.tail.seq_num, 1, "tail of the ping");
  ok(
    Math.abs(ping.json.timestamp - context.now()) < 600_000,
    `time of the ping: ${show(ping.json)}`,
  );
  equal(ping.id, undefined, "a ping has no id");
  const ack = await stream.bodies("new", "newer");
  const live = await events.expect("batch");
  equal(
    live.json.records.map((each: { body: string }) => each.body),
    ["new", "newer"],
    "live records",
  );
  equal(live.json.tail, ack.tail, "live batches carry the tail");
  equal(live.id, "2,3,35", "counting goes on");
}

async function heartbeats(context: Context): Promise<void> {
  const stream = await context.stream();
  const events = await stream.events("seq_num=0");
  await events.expect("ping");
  const started = context.shared.clock.monotonic();
  await events.expect("ping", 20_000);
  const took = context.shared.clock.monotonic() - started;
  ok(
    took > 4000 && took < 17_000,
    `the second ping came after ${Math.round(took)} ms, not 5 to 15 s`,
  );
}

const ENDS: readonly (readonly [string, readonly number[]])[] = [
  ["seq_num=0&count=2", [0, 1]],
  ["seq_num=0&bytes=18", [0, 1]],
  ["seq_num=0&bytes=17", [0]],
  ["seq_num=0&wait=0", [0, 1, 2]],
  ["seq_num=0&count=99", [0, 1, 2]],
  ["seq_num=0&until=25", [0, 1]],
  ["seq_num=0&count=0", []],
  ["seq_num=3&wait=0", []],
  ["seq_num=9&clamp=true&wait=0", []],
  ["tail_offset=1&wait=0", [2]],
];

const ends = ENDS.map(
  ([query, expected]): Case =>
    define(
      `ends-${query.replace(/[^a-z0-9]+/g, "-")}`,
      "d#sse d#waiting d#what-is-selected",
      `?${query} gives ${expected.length} records, then [DONE]`,
      async (context) => {
        const stream = await context.stream();
        await stream.append([10, 20, 30].map((timestamp) => ({ timestamp, body: "x" })));
        equal(numbers(await whole(await stream.events(query))), expected, "records");
      },
    ),
);

async function refusals(context: Context): Promise<void> {
  const stream = await context.stream();
  const beyond = await stream.events("seq_num=7");
  equal(
    [beyond.refusal?.status, beyond.refusal?.json],
    [416, { tail: { seq_num: 0, timestamp: 0 } }],
    "beyond the tail",
  );
  const atTail = await stream.events("seq_num=0&count=5");
  equal(atTail.refusal?.status, 416, "at the tail, bounded, not waiting");
  const missing = await context.call("GET", "/v1/streams/none-such/records?seq_num=0", {
    basin: stream.basin,
    headers: { accept: "text/event-stream" },
  });
  refused(missing, 404, "stream_not_found");
}

async function waitOver(context: Context): Promise<void> {
  const stream = await context.stream();
  const events = await whole(await stream.events("seq_num=0&wait=1"));
  equal(
    events.map(({ event }) => event),
    ["ping"],
    "events before the wait is over",
  );
}

async function base64(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([{ headers: [["k", "v"]], body: "line\nbreak" }]);
  const [raw] = await whole(await stream.events("seq_num=0&count=1"));
  equal(raw?.json.records[0].body, "line\nbreak", "data is one line of JSON");
  const [coded] = await whole(await stream.events("seq_num=0&count=1", { "s2-format": "base64" }));
  equal(
    [coded?.json.records[0].body, coded?.json.records[0].headers],
    [Buffer.from("line\nbreak").toString("base64"), [["aw==", "dg=="]]],
    "base64",
  );
  refused(
    await stream.get("seq_num=0&count=1", {
      headers: { accept: "text/event-stream", "s2-format": "bogus" },
    }),
    400,
    "bad_header",
  );
}

async function liveBound(context: Context): Promise<void> {
  const stream = await context.stream();
  const events = await stream.events("seq_num=0&count=2&wait=20");
  await events.expect("ping");
  await stream.bodies("a", "b", "c");
  equal(numbers(await whole(events)), [0, 1], "the last bound met ends it at once");
}

async function everyByte(context: Context): Promise<void> {
  const stream = await context.stream();
  const text = '\u0000\u0001\r\n\u2028\u2029 "\\ 🦀 data: [DONE]\n\n';
  await stream.bodies(text);
  const [batch] = await whole(await stream.events("seq_num=0&count=1"));
  equal(batch?.json.records[0].body, text, "text that looks like events");
  status(await stream.get("seq_num=0"), 200);
}

export const SSE: Suite = {
  name: "sse",
  title: "Server-sent events",
  cases: [
    define("batch", "d#sse d#answer", "a batch has event, id and one line of data", batches),
    define(
      "headers",
      "d#sse c#bodies",
      "event streams are not buffered, stored or compressed",
      headers,
    ),
    define(
      "follows",
      "d#sse d#following",
      "a ping with the tail, then live batches with theirs",
      follows,
    ),
    define(
      "follows-h2",
      "d#sse d#following d#carriers",
      "the same over HTTP/2",
      (context) => follows(context, "h2"),
      { needs: ["http2"] },
    ),
    define("heartbeats", "d#sse", "a ping 5 to 15 s after the last event", heartbeats, {
      isSlow: true,
    }),
    ...ends,
    ...SSE_RESUMING,
    define(
      "refusals",
      "d#sse d#where-a-read-starts",
      "failures before the stream are ordinary errors",
      refusals,
    ),
    define("wait-over", "d#sse d#waiting", "the wait over ends it with [DONE]", waitOver, {
      isSlow: true,
    }),
    define("formats", "d#sse d#which-format-is-spoken", "raw and base64 as in JSON", base64),
    define(
      "live-bound",
      "d#waiting d#sse",
      "a bound that live records reach ends it at once",
      liveBound,
    ),
    define("hostile-text", "d#sse", "text that looks like events stays data", everyByte),
  ],
};
