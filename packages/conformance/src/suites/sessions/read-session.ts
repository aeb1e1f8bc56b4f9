// Read sessions over every carrier: catching up, heartbeats, following. Starts and ends are in
// read-session-bounds.ts, heads and frames in read-session-frames.ts; events have a suite of their
// own. Spec: data-plane#read-session.

import type { Case, Suite } from "../../case.js";
import { equal, ok } from "../../expect.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import { batchesOf, numbers } from "./batches.js";
import { perCarrier } from "./per-carrier.js";
import { READ_SESSION_BOUNDS } from "./read-session-bounds.js";
import { READ_SESSION_FRAMES } from "./read-session-frames.js";

async function follows(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b");
  const session = await stream.open("read", over, "seq_num=0");
  const stored = await session.batch();
  equal(
    stored.records.map(({ body }) => body),
    ["a", "b"],
    "stored records",
  );
  const heartbeat = await session.batch();
  equal(
    [heartbeat.records, heartbeat.tail?.seq_num],
    [[], 2],
    "a heartbeat at once when following starts",
  );
  const ack = await stream.bodies("c", "d");
  const live = await session.batch();
  equal(
    live.records.map(({ body }) => body),
    ["c", "d"],
    "a live append is one batch",
  );
  equal(live.tail, ack.tail, "with the tail after it");
  session.destroy();
}

async function emptyStream(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0");
  const frame = await session.next();
  equal(frame?.body.toString("hex"), "1200", "heartbeat of the vectors: tail (0, 0)");
  equal(frame?.flags, 0, "flags");
}

async function heartbeats(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0");
  await session.batch();
  const started = context.shared.clock.monotonic();
  const heartbeat = await session.batch(20_000);
  const took = context.shared.clock.monotonic() - started;
  equal([heartbeat.records, heartbeat.tail], [[], { seq_num: 0, timestamp: 0 }], "heartbeat");
  ok(took > 4000 && took < 17_000, `a heartbeat came after ${Math.round(took)} ms, not 5 to 15 s`);
}

async function everyAppendIsABatch(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("read", over, "seq_num=0&count=40&wait=20");
  await Promise.all(Array.from({ length: 20 }, (_, index) => stream.bodies(`${index}`, "x")));
  equal(
    numbers(await batchesOf(session)),
    Array.from({ length: 40 }, (_, index) => index),
    "nothing is missed, nothing comes twice",
  );
}

export const READ_SESSION: Suite = {
  name: "read-session",
  title: "Read sessions",
  cases: [
    ...perCarrier(
      "follows",
      "d#read-session d#following d#s2s",
      "stored records, a heartbeat, then live batches with their tail",
      follows,
    ),
    ...perCarrier(
      "empty-stream",
      "d#read-session d#vectors",
      "an empty stream begins with the heartbeat of the vectors",
      emptyStream,
    ),
    ...READ_SESSION_BOUNDS,
    ...perCarrier(
      "heartbeats",
      "d#read-session",
      "a heartbeat 5 to 15 s after the last frame",
      heartbeats,
      { isSlow: true },
    ),
    ...READ_SESSION_FRAMES,
    ...perCarrier(
      "no-gap",
      "d#following d#guarantees",
      "appends beside a session are delivered once each",
      everyAppendIsABatch,
    ),
  ] satisfies readonly Case[],
};
