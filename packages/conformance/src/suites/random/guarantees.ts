// Guarantees under many clients at once: one order, atomic batches, durable before visible, no gap.
// Slow readers and vanished writers beside them.

import { define, type Suite } from "../../case.js";
import { decodeBatch } from "../../codec/messages.js";
import { equal, ok, status } from "../../expect.js";
import { openExchange } from "../../probe/exchange.js";
import { openSocket } from "../../probe/raw.js";
import { sessionOver } from "../../probe/session.js";
import { authorization } from "../../probe/target.js";
import type { Context } from "../../run/context.js";
import { inputOf } from "../sessions/per-carrier.js";

interface Acked {
  readonly start: { readonly seq_num: number };
  readonly end: { readonly seq_num: number };
}

async function oneOrder(context: Context): Promise<void> {
  const stream = await context.stream();
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    const acks: Acked[] = [];
    for (let index = 0; index < 15; index++)
      acks.push(
        await stream.bodies(`${writer}.${index}.0`, `${writer}.${index}.1`, `${writer}.${index}.2`),
      );
    return acks;
  });
  const acks = (await Promise.all(writers))
    .flat()
    .sort((a, b) => a.start.seq_num - b.start.seq_num);
  let next = 0;
  for (const { start, end } of acks) {
    equal([start.seq_num, end.seq_num], [next, next + 3], "acks tile the stream without a gap");
    next = end.seq_num;
  }
  const texts = await stream.texts("seq_num=0&count=1000");
  equal(texts.length, 270, "records");
  // Batches stay together, and those of one writer in their order.
  const last = new Map<string, number>();
  for (let at = 0; at < texts.length; at += 3) {
    const [writer = "", index = ""] = (texts[at] ?? "").split(".");
    equal(
      texts.slice(at, at + 3),
      [0, 1, 2].map((part) => `${writer}.${index}.${part}`),
      "a batch is atomic",
    );
    ok(Number(index) > (last.get(writer) ?? -1), "the order of one writer");
    last.set(writer, Number(index));
  }
}

async function compareAndSet(context: Context): Promise<void> {
  const stream = await context.stream();
  const attempt = (match: number): Promise<number> =>
    stream
      .post({ records: [{ body: `${match}` }], match_seq_num: match })
      .then((answer) => answer.status);
  for (let round = 0; round < 8; round++) {
    const statuses = await Promise.all(Array.from({ length: 6 }, () => attempt(round)));
    equal(
      statuses.sort((a, b) => a - b),
      [200, 412, 412, 412, 412, 412],
      "of writers that expect the same number one succeeds",
    );
  }
  await stream.hasTail(8);
}

async function visibleIsAcknowledged(context: Context): Promise<void> {
  const stream = await context.stream();
  let acknowledged = 0;
  let isDone = false;
  const reader = (async () => {
    while (!isDone) {
      const before = acknowledged;
      const { seq_num: tail } = await stream.tail();
      ok(tail >= before, `the tail ${tail} is below ${before}, which was acknowledged`);
    }
  })();
  for (let index = 0; index < 40; index++) acknowledged = (await stream.bodies("x")).end.seq_num;
  isDone = true;
  await reader;
}

async function readersAgree(context: Context): Promise<void> {
  const stream = await context.stream();
  const sessions = await Promise.all(
    (context.has("http2") ? (["h1", "h2", "h1", "h2"] as const) : (["h1", "h1"] as const)).map(
      (over) => stream.open("read", over, "seq_num=0&count=120&wait=20"),
    ),
  );
  const events = await stream.events("seq_num=0&count=120&wait=20");
  await Promise.all(
    Array.from({ length: 4 }, async (_, writer) => {
      for (let index = 0; index < 10; index++)
        await stream.bodies(`${writer}.${index}.a`, "b", "c");
    }),
  );
  const expected = await stream.texts("seq_num=0&count=120");
  for (const session of sessions) {
    const bodies = (await session.rest()).flatMap((frame) =>
      decodeBatch(frame.message).records.map(({ body }) => body),
    );
    equal(bodies, expected, "a session");
  }
  const seen = (await events.rest()).filter(({ event }) => event === "batch");
  equal(
    seen.flatMap(({ json }) => json.records.map((each: { body: string }) => each.body)),
    expected,
    "events",
  );
}

async function slowReader(context: Context): Promise<void> {
  const stream = await context.stream();
  const exchange = await openExchange(context.shared.target, "h1", {
    method: "GET",
    path: `${stream.path}?seq_num=0`,
    headers: {
      ...authorization(context.shared.target.token),
      "s2-basin": stream.basin,
      "content-type": "s2s/proto",
    },
  });
  context.own(exchange);
  exchange.source.pause();
  for (let index = 0; index < 12; index++) await stream.bodies("x".repeat(500_000));
  await stream.hasTail(12);
  const session = await sessionOver(context.shared.target, exchange);
  const seen: number[] = [];
  while (seen.length < 12) {
    const batch = decodeBatch((await session.next())?.message ?? Buffer.alloc(0));
    seen.push(...batch.records.map((record) => record.seq_num));
  }
  equal(
    seen,
    Array.from({ length: 12 }, (_, index) => index),
    "a slow reader loses nothing, and slows nobody",
  );
}

async function vanishedWriters(context: Context): Promise<void> {
  const stream = await context.stream();
  let known = 0;
  for (let index = 0; index < 10; index++) {
    const session = await stream.open(
      "append",
      index % 2 === 1 && context.has("http2") ? "h2" : "h1",
    );
    session.send(inputOf(["kept"]));
    known = (await session.ack()).end.seq_num;
    session.send(inputOf(["maybe"]));
    session.destroy();
  }
  const { seq_num: tail } = await stream.tail();
  ok(tail >= known, "what was acknowledged stays");
  const texts = await stream.texts("seq_num=0");
  equal(texts.filter((text) => text === "kept").length, 10, "acknowledged records");
  ok(texts.length <= 20, "nothing comes twice");
}

async function deadlinesHold(context: Context): Promise<void> {
  const stream = await context.stream();
  // Bodies that never end hold nobody up.
  for (let index = 0; index < 8; index++) {
    const socket = context.own(openSocket(context.shared.target));
    socket.on("error", () => undefined);
    socket.write(
      `POST ${stream.path} HTTP/1.1\r\nhost: x\r\ns2-basin: ${stream.basin}\r\ncontent-length: 1000\r\n\r\n{`,
    );
  }
  status(await stream.post({ records: [{ body: "x" }] }), 200);
}

export const GUARANTEES: Suite = {
  name: "guarantees",
  title: "Guarantees",
  cases: [
    define(
      "one-order",
      "d#guarantees d#records d#acknowledgement",
      "numbers are dense, batches atomic, writers in order",
      oneOrder,
    ),
    define(
      "compare-and-set",
      "d#guarantees d#failed-conditions",
      "of writers that expect the same number one succeeds",
      compareAndSet,
    ),
    define(
      "tail-not-behind-acks",
      "d#guarantees d#check-tail",
      "a tail is at least every acknowledged append",
      visibleIsAcknowledged,
    ),
    define(
      "readers-agree",
      "d#guarantees d#following",
      "all readers see the same records in the same order",
      readersAgree,
    ),
    define(
      "slow-reader",
      "d#guarantees d#following",
      "a slow reader is neither cut off nor a brake",
      slowReader,
    ),
    define(
      "vanished-writers",
      "d#guarantees d#append-session",
      "vanished writers leave what was acknowledged",
      vanishedWriters,
    ),
    define("half-sent-bodies", "d#guarantees", "half-sent bodies hold nobody up", deadlinesHold),
  ],
};
