// Where read sessions start and what ends them, over every carrier: bounds, waiting, refusals.
// Cases of the suite in read-session.ts. Spec: data-plane#read-session.

import type { Case } from "../../case.js";
import { equal, includes, ok } from "../../expect.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import { batchesOf, numbers } from "./batches.js";
import { perCarrier } from "./per-carrier.js";

async function withoutStart(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("old");
  const session = await stream.open("read", over);
  equal((await session.batch()).tail?.seq_num, 1, "no start is the tail");
  await stream.bodies("new");
  equal(
    (await session.batch()).records.map(({ body }) => body),
    ["new"],
    "live",
  );
}

const ENDS: readonly (readonly [string, readonly number[]])[] = [
  ["seq_num=0&count=2", [0, 1]],
  ["seq_num=0&bytes=18", [0, 1]],
  ["seq_num=0&bytes=17", [0]],
  ["seq_num=0&until=25", [0, 1]],
  ["seq_num=0&wait=0", [0, 1, 2]],
  ["seq_num=0&count=99", [0, 1, 2]],
  ["seq_num=0&count=0", []],
  ["seq_num=3&wait=0", []],
  ["timestamp=11&wait=0", [1, 2]],
  ["tail_offset=1&wait=0", [2]],
  ["seq_num=3&count=0", []],
  ["seq_num=9&bytes=0", []],
  ["count=0&wait=60", []],
];

const ends = ENDS.flatMap(([query, expected]) =>
  perCarrier(
    `ends-${query.replace(/[^a-z0-9]+/g, "-")}`,
    "d#read-session d#waiting d#what-is-selected",
    `?${query} gives ${expected.length} records and a clean end`,
    async (context, over) => {
      const stream = await context.stream();
      await stream.append([10, 20, 30].map((timestamp) => ({ timestamp, body: "x" })));
      const session = await stream.open("read", over, query);
      equal(numbers(await batchesOf(session)), expected, "records");
      if (over === "ws") equal(session.closeCode(), 1000, "close code");
    },
  ),
);

async function liveBound(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0&bytes=20&wait=20");
  await session.batch();
  const ack = await stream.bodies("aa", "bb", "cc");
  const batches = await batchesOf(session);
  equal(numbers(batches), [0, 1], "what does not fit is not sent");
  equal(batches[0]?.tail, ack.tail, "the tail is there also when a bound cuts the records");
}

async function waitBetween(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0&wait=2");
  await session.batch();
  const started = context.shared.clock.monotonic();
  await context.sleep(1300);
  await stream.bodies("a");
  await session.batch();
  equal(await session.next(), undefined, "the end");
  const took = context.shared.clock.monotonic() - started;
  ok(took > 3000, `the wait did not begin anew with a batch: ${Math.round(took)} ms`);
}

const REFUSED: readonly (readonly [string, number, object])[] = [
  ["seq_num=5", 416, { tail: { seq_num: 0, timestamp: 0 } }],
  ["seq_num=0&count=1", 416, { tail: { seq_num: 0, timestamp: 0 } }],
  ["seq_num=0&timestamp=1", 422, { code: "invalid" }],
  ["timestamp=5&until=5", 422, { code: "invalid" }],
  ["seq_num=x", 400, { code: "bad_query" }],
  ["seq_num=1&seq_num=2", 400, { code: "bad_query" }],
  ["clamp=1", 400, { code: "bad_query" }],
];

const refusals = REFUSED.flatMap(([query, status, body]) =>
  perCarrier(
    `refused-${query.replace(/[^a-z0-9]+/g, "-")}`,
    "d#read-session d#where-a-read-starts d#parameters",
    `?${query} is ${status}`,
    async (context, over) => {
      const stream = await context.stream();
      const session = await stream.open("read", over, query);
      const refusal = session.refusal ?? (await session.terminal());
      equal(refusal.status, status, "status");
      includes(refusal.json, body, "body");
    },
  ),
);

async function clamped(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  const session = await stream.open("read", over, "seq_num=99&clamp=true");
  equal((await session.batch()).tail?.seq_num, 1, "the start becomes the tail");
}

export const READ_SESSION_BOUNDS: readonly Case[] = [
  ...perCarrier(
    "without-start",
    "d#parameters d#read-session",
    "no start means the tail",
    withoutStart,
  ),
  ...ends,
  ...perCarrier(
    "live-bound",
    "d#read-session d#waiting",
    "a bound that live records reach ends it",
    liveBound,
  ),
  ...perCarrier("wait-between", "d#waiting", "wait is the time between deliveries", waitBetween, {
    isSlow: true,
  }),
  ...refusals,
  ...perCarrier(
    "clamped",
    "d#where-a-read-starts",
    "a clamped start beyond the tail follows",
    clamped,
  ),
];
