// Names of basins and streams: which are taken, which are refused, and where with which code.
// The longest, the shortest, and one beyond. Spec: control-plane#names.

import { type Case, define, type Suite } from "../../case.js";
import { equal, ok, refused, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

const BAD_BASINS = [
  "",
  "seven77",
  "x".repeat(49),
  "Upper-case-1",
  "under_score_1",
  "-begins-1",
  "ends-with-",
  "with.dot.1",
  "umlaut-ä-1",
];

const badBasin = BAD_BASINS.map(
  (name, index): Case =>
    define(
      `bad-basin-${index + 1}`,
      "c#names",
      `no basin is named ${JSON.stringify(name.slice(0, 20))}`,
      async (context) => {
        refused(
          await context.call("POST", "/v1/basins", { json: { basin: name } }),
          400,
          "bad_json",
        );
        if (name === "") return;
        const path = `/v1/basins/${encodeURIComponent(name)}`;
        for (const method of ["GET", "PUT", "DELETE"])
          refused(await context.call(method, path), 400, "bad_path");
      },
    ),
);

const BAD_STREAMS = ["", ".", "..", "a\0b", "x".repeat(513), "ä".repeat(257)];

const badStream = BAD_STREAMS.map(
  (name, index): Case =>
    define(
      `bad-stream-${index + 1}`,
      "c#names",
      `no stream is named ${JSON.stringify(name.slice(0, 20))}`,
      async (context) => {
        const basin = await context.sharedBasin();
        refused(
          await context.call("POST", "/v1/streams", { basin, json: { stream: name } }),
          400,
          "bad_json",
        );
        if (name === "") return;
        // Dots are encoded, or clients would take them for steps.
        const path = `/v1/streams/${encodeURIComponent(name).replaceAll(".", "%2E")}`;
        refused(await context.call("GET", path, { basin }), 400, "bad_path");
        refused(await context.call("PUT", path, { basin }), 400, "bad_path");
        refused(await context.call("GET", `${path}/records/tail`, { basin }), 400, "bad_path");
        refused(
          await context.call("POST", `${path}/records`, { basin, json: { records: [{}] } }),
          400,
          "bad_path",
        );
      },
    ),
);

const GOOD_STREAMS = [
  "x",
  "…",
  "a/b/c",
  " space ",
  "a?b#c&d=e",
  "%41",
  "x".repeat(512),
  "ä".repeat(256),
  "🦀",
  "a\tb\nc",
  "...",
  "s2://x",
];

const goodStream = GOOD_STREAMS.map(
  (name, index): Case =>
    define(
      `stream-name-${index + 1}`,
      "c#names c#routes",
      `a stream may be named ${JSON.stringify(name.slice(0, 20))}`,
      async (context) => {
        const basin = await context.basin();
        const made = status(
          await context.call("POST", "/v1/streams", { basin, json: { stream: name } }),
          201,
        );
        equal(made.json.name, name, "name");
        const path = `/v1/streams/${encodeURIComponent(name)}`;
        status(await context.call("GET", path, { basin }), 200);
        status(
          await context.call("POST", `${path}/records`, {
            basin,
            json: { records: [{ body: name }] },
          }),
          200,
        );
        const read = status(await context.call("GET", `${path}/records?seq_num=0`, { basin }), 200);
        equal(read.json.records[0].body, name, "body");
        const list = status(await context.call("GET", "/v1/streams", { basin }), 200);
        equal(
          list.json.streams.map((each: { name: string }) => each.name),
          [name],
          "list",
        );
      },
    ),
);

async function basinBounds(context: Context): Promise<void> {
  const { workspace } = context.shared;
  const short = workspace.basinName();
  ok(short.length >= 8 && short.length <= 48, "own name");
  const long = workspace.basinName(48);
  equal(long.length, 48, "length of the longest name");
  const made = status(await context.call("POST", "/v1/basins", { json: { basin: long } }), 201);
  equal(made.json.name, long, "name");
}

async function inQueries(context: Context): Promise<void> {
  const basin = await context.sharedBasin();
  for (const query of [
    "prefix=UPPER",
    "prefix=-x",
    `prefix=${"x".repeat(49)}`,
    "start_after=UPPER",
    `start_after=${"x".repeat(49)}`,
  ])
    refused(await context.call("GET", `/v1/basins?${query}`), 400, "bad_query");
  for (const query of [`prefix=${"x".repeat(513)}`, `start_after=${"x".repeat(513)}`])
    refused(await context.call("GET", `/v1/streams?${query}`, { basin }), 400, "bad_query");
  status(await context.call("GET", `/v1/streams?prefix=${"x".repeat(512)}`, { basin }), 200);
}

export const NAMES: Suite = {
  name: "names",
  title: "Names",
  cases: [
    ...badBasin,
    ...badStream,
    ...goodStream,
    define("basin-48-bytes", "c#names", "a basin name has up to 48 bytes", basinBounds),
    define(
      "in-queries",
      "c#names c#queries",
      "prefixes and cursors obey the bounds of names: 400 bad_query",
      inQueries,
    ),
  ],
};
