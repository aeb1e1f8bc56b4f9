// Metrics: every set at its level, the forms of series, and what is refused.
// Numbers are not compared: servers count in their own time. Spec: control-plane#metrics.

import { type Case, define, type Suite } from "../../case.js";
import { equal, ok, refused, show, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { Context } from "../../run/context.js";
import { METRIC_RANGES } from "./metric-ranges.js";
import { ask, DAY_SECS, type Level, place, seconds } from "./metric-requests.js";

const SETS: readonly (readonly [Level, string, string, string | undefined])[] = [
  ["account", "active-basins", "label", undefined],
  ["account", "account-ops", "accumulation", "operations"],
  ["account", "estimated-billable-usage", "accumulation", "usd"],
  ["basin", "storage", "gauge", "bytes"],
  ["basin", "append-ops", "accumulation", "operations"],
  ["basin", "read-ops", "accumulation", "operations"],
  ["basin", "append-throughput", "accumulation", "bytes"],
  ["basin", "read-throughput", "accumulation", "bytes"],
  ["basin", "basin-ops", "accumulation", "operations"],
  ["stream", "storage", "gauge", "bytes"],
];

const series = SETS.map(
  ([level, set, kind, unit]): Case =>
    define(
      `${level}-${set}`,
      "c#metrics",
      `set ${set} of a ${level} is a list of ${kind}`,
      async (context) => {
        const path = await place(context, level);
        const end = seconds(context) + 30;
        const { json } = status(await ask(context, path, { set, start: end - 7200, end }), 200);
        ok(Array.isArray(json.values), `values is no list: ${show(json)}`);
        for (const value of json.values) {
          equal(Object.keys(value), [kind], "kind of a series");
          const { name, unit: told, values } = value[kind];
          ok(typeof name === "string", "name");
          if (unit !== undefined) equal(told, unit, "unit");
          for (const point of values) {
            if (kind === "label") ok(typeof point === "string", `label ${show(point)}`);
            else
              ok(
                point.length === 2 &&
                  point.every((n: unknown) => Number(n) >= 0) &&
                  // Money has fractions.
                  (unit === "usd" || point.every(Number.isInteger)),
                `point ${show(point)}`,
              );
          }
        }
        if (kind === "accumulation")
          for (const interval of unit === "usd" ? ["hour", "day"] : ["minute", "hour", "day"]) {
            const answer = await ask(context, path, { set, start: end - 7200, end, interval });
            for (const { accumulation } of status(answer, 200).json.values)
              equal(accumulation.interval, interval, "interval");
          }
        status(await ask(context, path, { set, start: end - 60, end: end - 60 }), 200);
        const ancient = status(await ask(context, path, { set, start: 0, end: 1 }), 200);
        for (const value of ancient.json.values)
          equal(value[kind].values, [], "points of an ancient range");
      },
      { needs: ["metrics"] },
    ),
);

const WRONG: readonly (readonly [
  string,
  (now: number) => Record<string, number | string>,
  number,
  string,
])[] = [
  ["no-set", (now) => ({ start: now - 60, end: now }), 400, "bad_query"],
  ["unknown-set", (now) => ({ set: "bogus", start: now - 60, end: now }), 400, "bad_query"],
  ["time-no-number", (now) => ({ set: "SET", start: "yesterday", end: now }), 400, "bad_query"],
  ["time-above-u32", () => ({ set: "SET", start: 0, end: 2 ** 32 }), 400, "bad_query"],
  [
    "unknown-interval",
    (now) => ({ set: "SET", start: now - 60, end: now, interval: "second" }),
    400,
    "bad_query",
  ],
  ["no-start", (now) => ({ set: "SET", end: now }), 422, "invalid"],
  ["no-end", (now) => ({ set: "SET", start: now }), 422, "invalid"],
  ["reversed", (now) => ({ set: "SET", start: now, end: now - 10 }), 422, "invalid"],
  ["too-long", (now) => ({ set: "SET", start: now - 91 * DAY_SECS, end: now }), 422, "invalid"],
  ["future", (now) => ({ set: "SET", start: now, end: now + 600 }), 422, "invalid"],
];

const wrong = WRONG.map(
  ([name, query, expected, code]): Case =>
    define(
      `wrong-${name}`,
      "c#metrics c#queries",
      `a query with ${name.replaceAll("-", " ")} is ${expected} ${code}`,
      async (context) => {
        for (const [level, set] of [
          ["account", "account-ops"],
          ["basin", "storage"],
          ["stream", "storage"],
        ] as const) {
          const stream = await context.stream();
          const path =
            level === "account"
              ? ""
              : level === "basin"
                ? `/${stream.basin}`
                : `/${stream.basin}/${stream.name}`;
          const filled = Object.entries(query(seconds(context))).map(
            ([key, value]) => [key, value === "SET" ? set : value] as const,
          );
          refused(
            await ask(context, path, Object.fromEntries(filled)),
            expected,
            code,
            `${level} ${name}`,
          );
        }
      },
      { needs: ["metrics"] },
    ),
);

async function unknownIsEmpty(context: Context): Promise<void> {
  const end = seconds(context);
  const none = context.shared.workspace.basinName();
  for (const path of [`/${none}`, `/${none}/none`, `/${await context.sharedBasin()}/none-such`]) {
    const { json } = status(
      await ask(context, path, { set: "storage", start: end - 600, end }),
      200,
    );
    ok(Array.isArray(json.values), "values");
    // Nothing was ever there: no bytes.
    for (const { gauge } of json.values)
      for (const [, bytes] of gauge.values) equal(bytes, 0, "bytes");
  }
}

async function wrongInterval(context: Context): Promise<void> {
  const end = seconds(context);
  const stream = await context.stream();
  const storage = (path: string, interval: string): Promise<Answer> =>
    ask(context, path, { set: "storage", start: end - 600, end, interval });
  const { basin, name } = stream;
  for (const interval of ["minute", "day"])
    refused(await storage(`/${basin}`, interval), 422, "invalid");
  for (const interval of ["hour", "day"])
    refused(await storage(`/${basin}/${name}`, interval), 422, "invalid");
  status(await storage(`/${basin}`, "hour"), 200);
  status(await storage(`/${basin}/${name}`, "minute"), 200);
}

async function badNames(context: Context): Promise<void> {
  const end = seconds(context);
  const query = { set: "storage", start: end - 600, end };
  refused(await ask(context, "/UPPER-CASE", query), 400, "bad_path");
  refused(await ask(context, `/${await context.sharedBasin()}/`, query), 404, "not_found");
}

export const METRICS: Suite = {
  name: "metrics",
  title: "Metrics",
  cases: [
    ...series,
    ...wrong,
    define("unknown-is-empty", "c#metrics", "what is unknown is empty, never 404", unknownIsEmpty, {
      needs: ["metrics"],
    }),
    ...METRIC_RANGES,
    define("bad-names", "c#metrics c#names", "a name that cannot be is 400 bad_path", badNames, {
      needs: ["metrics"],
    }),
    define(
      "interval-of-storage",
      "c#metrics",
      "an interval that the set does not have is 422",
      wrongInterval,
      { needs: ["metrics"] },
    ),
  ],
};
