// Reads that wait: long polls, their bounds and their end.
// Times are compared loosely: machines are busy. Spec: data-plane#waiting.

import { define, type Suite } from "../../case.js";
import { equal, ok, status } from "../../expect.js";
import type { Context } from "../../run/context.js";

/** Long enough for a request to reach the tail before the append that it waits for. */
const SETTLE_MS = 300;

async function firstLiveBatch(context: Context): Promise<void> {
  const stream = await context.stream();
  const waiting = stream.get("seq_num=0&wait=10");
  await context.sleep(SETTLE_MS);
  const ack = await stream.bodies("live", "too");
  const { json } = status(await waiting, 200);
  equal(
    json.records.map((each: { body: string }) => each.body),
    ["live", "too"],
    "records",
  );
  equal(json.tail, ack.tail, "tail, since they were live");
}

async function cutToBounds(context: Context): Promise<void> {
  const stream = await context.stream();
  const waiting = stream.get("seq_num=0&wait=10&count=1");
  await context.sleep(SETTLE_MS);
  await stream.bodies("a", "b");
  equal(status(await waiting, 200).json.records.length, 1, "records");
}

async function nothingFits(context: Context): Promise<void> {
  const stream = await context.stream();
  const waiting = stream.get("seq_num=0&wait=10&bytes=10");
  await context.sleep(SETTLE_MS);
  await stream.bodies("too large for ten bytes");
  equal(
    status(await waiting, 200).json.records,
    [],
    "a live record that no bound lets through ends it",
  );
}

async function timeIsOver(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  for (const query of ["seq_num=1&wait=1", "wait=1", "seq_num=9&clamp=true&wait=1"]) {
    const started = context.shared.clock.monotonic();
    equal(status(await stream.get(query), 200).json.records, [], `?${query}`);
    const took = context.shared.clock.monotonic() - started;
    ok(took > 800 && took < 8000, `?${query} took ${Math.round(took)} ms, not about a second`);
  }
}

async function returnsAtOnce(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("there");
  const started = context.shared.clock.monotonic();
  equal(await stream.texts("seq_num=0&wait=30"), ["there"], "records");
  ok(context.shared.clock.monotonic() - started < 10_000, "it waited although records were there");
}

async function beyondIsNotWaitedFor(context: Context): Promise<void> {
  const stream = await context.stream();
  equal((await stream.get("seq_num=5&wait=30")).status, 416, "a start beyond the tail");
}

async function hugeWait(context: Context): Promise<void> {
  const stream = await context.stream();
  // Cut to 60 seconds without a word: taken, and ended by a record.
  const waiting = stream.get("seq_num=0&wait=4294967295");
  await context.sleep(SETTLE_MS);
  await stream.bodies("x");
  equal(status(await waiting, 200).json.records.length, 1, "records");
}

export const WAITING: Suite = {
  name: "waiting",
  title: "Reads that wait",
  cases: [
    define(
      "first-live-batch",
      "d#waiting d#following d#answer",
      "a long poll answers the first live batch with its tail",
      firstLiveBatch,
    ),
    define("cut-to-bounds", "d#waiting", "the live batch is cut to the bounds", cutToBounds),
    define(
      "nothing-fits",
      "d#waiting",
      "a live record that does not fit ends it with an empty 200",
      nothingFits,
    ),
    define(
      "time-is-over",
      "d#waiting",
      "an empty 200 when the time is over, also after a clamp",
      timeIsOver,
      { isSlow: true },
    ),
    define("returns-at-once", "d#waiting", "what is there is answered at once", returnsAtOnce),
    define(
      "beyond-the-tail",
      "d#waiting d#where-a-read-starts",
      "a start beyond the tail is 416, waiting or not",
      beyondIsNotWaitedFor,
    ),
    define(
      "huge-wait",
      "d#limits d#parameters",
      "a wait above 60 s is taken without a word",
      hugeWait,
    ),
  ],
};
