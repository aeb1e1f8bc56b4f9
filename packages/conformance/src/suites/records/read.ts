// Unary reads: parameters, what is selected, the order of checks. Where they start is in
// read-starts.ts, reads that wait are in waiting.ts. Spec: data-plane#read.

import { type Case, define, type Suite } from "../../case.js";
import { equal, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import { READ_STARTS } from "./read-starts.js";

const BAD_QUERIES: readonly (readonly [string, number, string])[] = [
  ["seq_num=x", 400, "bad_query"],
  ["seq_num=-1", 400, "bad_query"],
  ["seq_num=1.5", 400, "bad_query"],
  ["seq_num=", 400, "bad_query"],
  ["seq_num=18446744073709551616", 400, "bad_query"],
  ["seq_num=1&seq_num=2", 400, "bad_query"],
  ["timestamp=x", 400, "bad_query"],
  ["tail_offset=-1", 400, "bad_query"],
  ["count=x", 400, "bad_query"],
  ["count=", 400, "bad_query"],
  ["count=-1", 400, "bad_query"],
  ["bytes=1e3", 400, "bad_query"],
  ["until=", 400, "bad_query"],
  ["wait=x", 400, "bad_query"],
  ["wait=4294967296", 400, "bad_query"],
  ["clamp=1", 400, "bad_query"],
  ["clamp=", 400, "bad_query"],
  ["clamp=TRUE", 400, "bad_query"],
  ["seq_num=0&timestamp=1", 422, "invalid"],
  ["seq_num=0&tail_offset=1", 422, "invalid"],
  ["timestamp=1&tail_offset=1", 422, "invalid"],
  ["timestamp=5&until=5", 422, "invalid"],
  ["timestamp=6&until=5", 422, "invalid"],
];

const badQueries = BAD_QUERIES.map(
  ([query, expected, code]): Case =>
    define(
      `query-${query.replace(/[^a-z0-9.-]+/gi, "-")}`,
      "d#parameters d#read",
      `?${query} is ${expected} ${code}, over every answer format`,
      async (context) => {
        const stream = await context.stream();
        await stream.bodies("a");
        refused(await stream.get(query), expected, code);
        refused(
          await stream.get(query, { headers: { accept: "text/event-stream" } }),
          expected,
          code,
        );
        refused(
          await stream.get(query, { headers: { accept: "application/protobuf" } }),
          expected,
          code,
        );
        refused(
          await stream.get(query, { headers: { "content-type": "s2s/proto" } }),
          expected,
          code,
        );
        // Before the stream is touched.
        const missing = await context.call("GET", `/v1/streams/none-such/records?${query}`, {
          basin: stream.basin,
        });
        refused(missing, expected, code);
      },
    ),
);

async function bounds(context: Context): Promise<void> {
  const stream = await context.stream();
  // 13 bytes each.
  await stream.append([10, 20, 30].map((timestamp) => ({ timestamp, body: "12345" })));
  for (const [query, expected] of [
    ["count=2", [0, 1]],
    ["count=3", [0, 1, 2]],
    ["count=99", [0, 1, 2]],
    ["bytes=39", [0, 1, 2]],
    ["bytes=38", [0, 1]],
    ["bytes=13", [0]],
    ["bytes=12", []],
    ["bytes=26&count=1", [0]],
    ["until=31", [0, 1, 2]],
    ["until=30", [0, 1]],
    ["until=11", [0]],
    ["until=10", []],
    ["until=0", []],
    ["count=0", []],
    ["bytes=0", []],
  ] as const)
    equal(await stream.numbers(`seq_num=0&${query}`), expected, `?seq_num=0&${query}`);
  equal(await stream.numbers("timestamp=15&until=30"), [1], "from and until by time");
  equal(await stream.numbers("tail_offset=2&bytes=13"), [1], "offset and bytes");
}

async function nothingAsked(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  for (const start of ["seq_num=0", "seq_num=1", "seq_num=9", "timestamp=0", "tail_offset=0"])
    for (const bound of ["count=0", "bytes=0"]) {
      const answer = await stream.get(`${start}&${bound}`);
      // A start beyond the tail is told before anything else, or the answer is empty: both end at
      // once.
      ok(answer.status === 200 || answer.status === 416, `${start}&${bound}: ${answer.status}`);
      if (answer.status === 200) equal(answer.json.records, [], `${start}&${bound}`);
    }
}

async function boundOfZero(context: Context): Promise<void> {
  const [empty, stream] = [await context.stream(), await context.stream()];
  await stream.bodies("a");
  for (const start of ["", "seq_num=0&", "seq_num=1&", "seq_num=9&wait=60&", "timestamp=0&"])
    for (const bound of ["count=0", "bytes=0"])
      for (const each of [empty, stream]) {
        const { json } = status(await each.get(`${start}${bound}`), 200);
        equal(json, { records: [] }, `?${start}${bound}`);
      }
}

async function consecutive(context: Context): Promise<void> {
  const stream = await context.stream();
  for (let index = 0; index < 5; index++)
    await stream.append(Array.from({ length: 60 }, () => ({ body: "x".repeat(20) })));
  const seen: number[] = [];
  while (seen.length < 300) {
    const page = await stream.numbers(`seq_num=${seen.length}&count=77`);
    ok(page.length > 0, "an empty page below the tail");
    seen.push(...page);
  }
  equal(
    seen,
    Array.from({ length: 300 }, (_, index) => index),
    "pages without a gap or a repetition",
  );
}

async function checkTail(context: Context): Promise<void> {
  const stream = await context.stream();
  const path = `${stream.path}/tail`;
  const ask = (headers: Record<string, string> = {}): ReturnType<Context["call"]> =>
    context.call("GET", path, { basin: stream.basin, headers });
  equal(
    status(await ask(), 200).json,
    { tail: { seq_num: 0, timestamp: 0 } },
    "tail of an empty stream",
  );
  const { tail } = await stream.append([{ timestamp: 7 }, { timestamp: 9 }]);
  equal(status(await ask(), 200).json, { tail }, "tail");
  const proto = status(await ask({ accept: "application/protobuf" }), 200);
  equal(proto.json, { tail: { seq_num: 2, timestamp: 9 } }, "always JSON");
  status(await context.call("GET", `${path}?seq_num=x&bogus=1`, { basin: stream.basin }), 200);
}

async function order(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  const ask = (
    name: string,
    query: string,
    headers: Record<string, string> = {},
  ): ReturnType<Context["call"]> =>
    context.call("GET", `/v1/streams/${name}/records?${query}`, { basin, headers });
  const all = { "s2-encryption-key": "x".repeat(45), "s2-format": "bogus" };
  refused(await ask("none-such", "seq_num=x", all), 400, "bad_query", "query first");
  refused(
    await ask("none-such", "seq_num=1&timestamp=1", all),
    400,
    "bad_header",
    "key and format before starts",
  );
  refused(
    await ask("none-such", "seq_num=1&timestamp=1"),
    422,
    "invalid",
    "starts before the stream",
  );
  refused(
    await ask("none-such", "seq_num=9"),
    404,
    "stream_not_found",
    "the stream before the position",
  );
}

export const READ: Suite = {
  name: "read",
  title: "Unary reads",
  cases: [
    ...badQueries,
    ...READ_STARTS,
    define(
      "bounds",
      "d#what-is-selected d#parameters",
      "count, bytes and until end before what exceeds them",
      bounds,
    ),
    define("nothing-asked", "d#what-is-selected", "a bound of 0 is answered at once", nothingAsked),
    define(
      "bound-of-zero",
      "d#what-is-selected d#where-a-read-starts",
      "a bound of 0 is an empty 200, wherever the read starts",
      boundOfZero,
    ),
    define(
      "consecutive",
      "d#what-is-selected d#guarantees",
      "pages hold consecutive records",
      consecutive,
    ),
    define(
      "check-tail",
      "d#check-tail d#routes",
      "the tail as JSON, whatever is accepted",
      checkTail,
    ),
    define("order", "d#read d#parameters", "query, key, format, starts, stream, position", order),
  ],
};
