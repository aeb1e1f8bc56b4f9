// Ranges of metrics and what is counted in them: the bucket that is running, ninety days, minutes
// of connections. Cases of the suite in metrics.ts. Spec: control-plane#metrics.

import { type Case, define } from "../../case.js";
import { ok, show, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import { ask, DAY_SECS, place, seconds } from "./metric-requests.js";

/** The part of a minute or an hour that is running belongs to a range that begins within it. */
async function runningBucket(context: Context): Promise<void> {
  const path = await place(context, "basin");
  const now = seconds(context);
  for (const [set, kind] of [
    ["storage", "gauge"],
    ["append-throughput", "accumulation"],
  ] as const) {
    const asked = { set, start: now, end: now };
    const { json } = status(await ask(context, path, asked), 200);
    const [series] = json.values;
    const step = set === "storage" ? 3600 : 60;
    const times = series?.[kind].values.map(([at]: [number, number]) => at);
    ok(
      // A minute may end between the append and the question.
      times?.length === 1 && times[0] >= Math.floor((now - 2) / step) * step && times[0] <= now,
      `${set} of this moment: ${show(json)}`,
    );
  }
}

async function longRange(context: Context): Promise<void> {
  const end = seconds(context);
  const { basin } = await context.stream();
  for (const days of [31, 90])
    status(
      await ask(context, `/${basin}`, { set: "storage", start: end - days * DAY_SECS, end }),
      200,
    );
}

/** A session is one operation in a minute, however many batches it appends. */
async function operations(context: Context): Promise<void> {
  const basin = await context.basin();
  const stream = await context.stream({}, basin);
  for (let turn = 0; turn < 4; turn++) await stream.bodies("counted");
  const end = seconds(context) + 30;
  const { json } = status(
    await ask(context, `/${basin}`, { set: "append-ops", start: end - 3600, end, interval: "day" }),
    200,
  );
  const [series] = json.values;
  ok(series?.accumulation.values.length > 0, `append-ops: ${show(json)}`);
  // One a minute and connection: no more than there were appends.
  for (const [, count] of series.accumulation.values)
    ok(count >= 1 && count <= 4, `operations: ${count}`);
}

export const METRIC_RANGES: readonly Case[] = [
  define("running-bucket", "c#metrics", "a range has the bucket of its start", runningBucket, {
    needs: ["metrics"],
  }),
  define("range-of-90-days", "c#metrics", "a range spans up to 90 days", longRange, {
    needs: ["metrics"],
  }),
  define(
    "operations-of-a-minute",
    "c#metrics",
    "an operation is a minute of appends on a connection",
    operations,
    { needs: ["metrics"] },
  ),
];
