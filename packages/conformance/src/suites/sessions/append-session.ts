// Append sessions over every carrier: acks in order, what ends them, and that nothing takes effect
// after. Frames, good and bad, are in append-session-frames.ts. Spec: data-plane#append-session.

import type { Case, Suite } from "../../case.js";
import { frameOf } from "../../codec/frame.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, ok } from "../../expect.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import { APPEND_SESSION_FRAMES } from "./append-session-frames.js";
import { inputOf, perCarrier } from "./per-carrier.js";

async function acks(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  equal(session.refusal, undefined, "refusal");
  session.send(inputOf(["a", "b"]));
  const first = await session.ack();
  equal([first.start.seq_num, first.end.seq_num], [0, 2], "first ack");
  session.send(inputOf(["c"]), inputOf(["d", "e"]), inputOf(["f"]));
  let tail = first.tail.seq_num;
  for (const [start, end] of [
    [2, 3],
    [3, 5],
    [5, 6],
  ] as const) {
    const ack = await session.ack();
    equal([ack.start.seq_num, ack.end.seq_num], [start, end], "ack");
    ok(
      ack.tail.seq_num >= end && ack.tail.seq_num >= tail,
      "the tail is at least end, and never falls",
    );
    tail = ack.tail.seq_num;
  }
  session.half();
  equal(await session.rest(), [], "after the client's end");
  equal(await stream.texts("seq_num=0"), ["a", "b", "c", "d", "e", "f"], "records");
}

async function pipelined(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  const frames = Array.from({ length: 200 }, (_, index) =>
    inputOf([`${index}`], { matchSeqNum: index }),
  );
  session.send(...frames);
  session.half();
  for (let index = 0; index < 200; index++)
    equal((await session.ack()).start.seq_num, index, "acks come in order");
  equal(await session.next(), undefined, "the end");
}

async function pipelinedBytes(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  const body = "x".repeat(100_000);
  for (let index = 0; index < 50; index++) session.send(inputOf([body], { matchSeqNum: index }));
  session.half();
  for (let index = 0; index < 50; index++) {
    const { start, end, tail } = await session.ack();
    equal([start.seq_num, end.seq_num], [index, index + 1], "acks come in order");
    ok(tail.seq_num >= end.seq_num, "the tail is at least end");
  }
  equal(await session.next(), undefined, "the end");
}

async function headers(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  equal(session.headers["content-type"], "s2s/proto", "content-type");
  equal(session.headers["x-accel-buffering"], "no", "x-accel-buffering");
  for (const word of ["no-cache", "no-store", "no-transform"])
    ok((session.headers["cache-control"] ?? "").includes(word), `cache-control lacks ${word}`);
  session.half();
  equal(await session.rest(), [], "the end");
}

async function headersFirst(context: Context, over: CarrierName): Promise<void> {
  // `open` returns when the head came, and nothing was sent before.
  const stream = await context.stream();
  const session = await stream.open("append", over);
  equal(session.refusal, undefined, "200 comes before the first frame");
  session.half();
  equal(await session.rest(), [], "an empty session ends cleanly");
  await stream.hasTail(0);
}

async function afterFailure(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  session.send(
    inputOf(["ok"], { matchSeqNum: 0 }),
    inputOf(["fails"], { matchSeqNum: 0 }),
    inputOf(["would be ok"], { matchSeqNum: 1 }),
    inputOf(["would be ok"]),
  );
  equal((await session.ack()).end.seq_num, 1, "earlier inputs are acknowledged");
  const end = await session.terminal();
  equal([end.status, end.text], [412, '{"seq_num_mismatch":1}'], "terminal frame");
  if (over === "ws") equal(session.closeCode(), 4412, "close code");
  await stream.hasTail(1);
}

async function fenced(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  session.send(frameOf(encodeInput({ records: [{ headers: [["", "fence"]], body: "one" }] })));
  await session.ack();
  session.send(
    inputOf(["right"], { fencingToken: "one" }),
    inputOf(["wrong"], { fencingToken: "two" }),
  );
  equal((await session.ack()).end.seq_num, 2, "the right token");
  const end = await session.terminal();
  equal([end.status, end.json], [412, { fencing_token_mismatch: "one" }], "terminal frame");
}

async function vanishes(context: Context, over: CarrierName): Promise<void> {
  const stream = await context.stream();
  const session = await stream.open("append", over);
  session.send(inputOf(["kept"]));
  await session.ack();
  session.send(inputOf(["half of a frame"]).subarray(0, 9));
  session.destroy();
  await stream.hasTail(1);
  const again = await stream.open("append", over);
  again.send(inputOf(["next"]));
  equal((await again.ack()).start.seq_num, 1, "the stream goes on");
}

async function refusals(context: Context, over: CarrierName): Promise<void> {
  const basin = await context.sharedBasin();
  const open = (place: string, stream: string): Promise<number | undefined> =>
    refusalOf(context, over, place, stream);
  equal(await open(basin, "none-such"), 404, "a missing stream");
  equal(await open(context.shared.workspace.basinName(), "s"), 404, "a missing basin");
  equal(await open("BAD", "s"), 400, "a bad basin");
}

/** Status of a refusal: of the answer, or of the terminal frame after an upgrade. */
async function refusalOf(
  context: Context,
  over: CarrierName,
  basin: string,
  stream: string,
): Promise<number | undefined> {
  const session = await context.session({ basin, stream, mode: "append", over });
  if (session.refusal !== undefined) return session.refusal.status;
  return (await session.terminal()).status;
}

export const APPEND_SESSION: Suite = {
  name: "append-session",
  title: "Append sessions",
  cases: [
    ...perCarrier(
      "acks",
      "d#append-session d#s2s d#acknowledgement",
      "an ack for each input, in order; a clean end",
      acks,
    ),
    ...perCarrier(
      "pipelined",
      "d#append-session",
      "200 inputs at once are acknowledged in order",
      pipelined,
    ),
    ...perCarrier(
      "pipelined-bytes",
      "d#append-session",
      "5 MB of inputs at once are acknowledged in order",
      pipelinedBytes,
    ),
    ...perCarrier(
      "headers",
      "d#sse d#which-format-is-spoken d#append-session",
      "sessions are not buffered, stored or transformed",
      headers,
      { carriers: ["h1", "h2"] },
    ),
    ...perCarrier(
      "headers-first",
      "d#append-session d#carriers",
      "the head comes before any frame was sent",
      headersFirst,
    ),
    ...APPEND_SESSION_FRAMES,
    ...perCarrier(
      "after-failure",
      "d#append-session d#failed-conditions d#guarantees",
      "after the first failure nothing takes effect",
      afterFailure,
    ),
    ...perCarrier(
      "fenced",
      "d#append-session d#fence",
      "a wrong token ends the session with the one in force",
      fenced,
    ),
    ...perCarrier(
      "vanishes",
      "d#append-session d#guarantees",
      "a client that vanishes leaves what was sequenced",
      vanishes,
    ),
    ...perCarrier(
      "refusals",
      "d#append-session d#order-of-checks",
      "what fails before the session is an ordinary error",
      refusals,
    ),
  ] satisfies readonly Case[],
};
