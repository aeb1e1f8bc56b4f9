// Deleting streams and basins: what answers meanwhile, what open sessions see, when the name is
// free. A server may be quick: gone is as good as going. Spec: control-plane#delete-a-stream.

import { type Case, define, type Suite } from "../../case.js";
import { frameOf } from "../../codec/frame.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, ok, refused, status } from "../../expect.js";
import type { Answer } from "../../probe/http.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";

/** 409 while it goes, 404 when it is gone: a server may be quick. */
function going(answer: Answer): Answer {
  if (answer.status === 404) return refused(answer, 404, "stream_not_found");
  return refused(answer, 409, "stream_deletion_pending");
}

async function deleteStream(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b");
  const deleted = status(await stream.remove(), 202);
  equal(deleted.text, "", "body of 202");
  const again = await stream.remove();
  ok(again.status === 202 || again.status === 404, `again: ${again.status}`);
  going(await stream.post({ records: [{ body: "late" }] }));
  going(await stream.get("seq_num=0"));
  going(await context.call("GET", `${stream.path}/tail`, { basin: stream.basin }));
  going(await stream.config());
  going(await stream.patch({}));
}

async function pendingForCreators(context: Context): Promise<void> {
  const basin = await context.sharedBasin("automatic");
  const stream = await context.stream({}, basin);
  await stream.bodies("a");
  status(await stream.remove(), 202);
  const answers = [
    await stream.post({ records: [{}] }),
    await context.call("POST", "/v1/streams", { basin, json: { stream: stream.name } }),
    await context.call("PUT", `/v1/streams/${stream.name}`, { basin }),
  ];
  // While it goes nobody makes it anew, not even with automatic creation.
  const [first] = answers;
  if (first?.status === 409) refused(first, 409, "stream_deletion_pending");
}

async function nameIsFree(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("old", "old");
  status(await stream.remove(), 202);
  const gone = await context.until(
    () => stream.config(),
    (answer) => answer.status === 404,
    20_000,
  );
  refused(gone, 404, "stream_not_found");
  refused(await stream.remove(), 404, "stream_not_found");
  const { basin, name } = stream;
  status(await context.call("POST", "/v1/streams", { basin, json: { stream: name } }), 201);
  // Another stream: numbers from 0, old cursors beyond the tail.
  const cursor = await stream.get("seq_num=2");
  equal(
    [cursor.status, cursor.json],
    [416, { tail: { seq_num: 0, timestamp: 0 } }],
    "an old cursor",
  );
  equal((await stream.bodies("new")).start.seq_num, 0, "first number");
  equal(await stream.texts("seq_num=0"), ["new"], "records");
}

const CARRIERS: readonly CarrierName[] = ["h1", "h2", "ws"];

const sessionsEnd = CARRIERS.flatMap((over): Case[] => {
  const needs =
    over === "h2" ? (["http2"] as const) : over === "ws" ? (["websocket"] as const) : [];
  return [
    define(
      `open-read-${over}`,
      "c#delete-a-stream d#loss-of-records-that-is-meant",
      `an open read over ${over} ends with stream_deletion_pending`,
      async (context) => {
        const stream = await context.stream();
        await stream.bodies("a");
        const session = await stream.open("read", over, "seq_num=1");
        equal((await session.batch()).tail?.seq_num, 1, "tail of the heartbeat");
        status(await stream.remove(), 202);
        const end = await session.terminal();
        equal(
          [end.status, (end.json as { code: string }).code],
          [409, "stream_deletion_pending"],
          "end",
        );
      },
      { needs },
    ),
    define(
      `open-append-${over}`,
      "c#delete-a-stream d#append-session",
      `an open append session over ${over} ends with stream_deletion_pending`,
      async (context) => {
        const stream = await context.stream();
        const session = await stream.open("append", over);
        session.send(frameOf(encodeInput({ records: [{ body: "a" }] })));
        await session.ack();
        status(await stream.remove(), 202);
        session.send(frameOf(encodeInput({ records: [{ body: "b" }] })));
        const end = await session.terminal();
        equal(
          [end.status, (end.json as { code: string }).code],
          [409, "stream_deletion_pending"],
          "end",
        );
      },
      { needs },
    ),
  ];
});

async function openEvents(context: Context): Promise<void> {
  const stream = await context.stream();
  const events = await stream.events("seq_num=0");
  await events.expect("ping");
  status(await stream.remove(), 202);
  const error = await events.expect("error");
  equal(error.json?.code, "stream_deletion_pending", "code of the error event");
  equal(await events.next(), undefined, "after the error");
}

async function boundedReadIsNotComplete(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a");
  const session = await stream.open("read", "h1", "seq_num=0&count=5&wait=30");
  equal((await session.batch()).records.length, 1, "records before");
  status(await stream.remove(), 202);
  for (;;) {
    const frame = await session.next();
    ok(frame !== undefined, "a bounded session of a deleted stream ended as if complete");
    // A heartbeat may be on its way.
    if (frame.isTerminal) return;
  }
}

async function waitingReadEnds(context: Context): Promise<void> {
  const stream = await context.stream();
  const waiting = stream.get("seq_num=0&wait=30", { patienceMs: 35_000 });
  await context.sleep(200);
  status(await stream.remove(), 202);
  going(await waiting);
}

async function deleteBasin(context: Context): Promise<void> {
  // A server may be quicker than those who ask: some tries.
  for (let left = 5; left > 0; left--) {
    const basin = await context.basin();
    await Promise.all(
      Array.from({ length: 8 }, async () => (await context.stream({}, basin)).bodies("a")),
    );
    const deleted = status(await context.call("DELETE", `/v1/basins/${basin}`), 202);
    equal(deleted.text, "", "body of 202");
    const config = { create_stream_on_read: true };
    const asks = await Promise.all([
      context.call("POST", "/v1/basins", { json: { basin } }),
      context.call("PUT", `/v1/basins/${basin}`, { json: { config } }),
      context.call("PATCH", `/v1/basins/${basin}`, { json: {} }),
      context.call("POST", "/v1/streams", { basin, json: { stream: "new" } }),
    ]);
    if (asks.some((answer) => answer.status < 300 || answer.status === 404)) continue;
    for (const answer of asks) refused(answer, 409, "basin_deletion_pending");
    const again = await context.call("DELETE", `/v1/basins/${basin}`);
    ok(again.status === 202 || again.status === 404, `again: ${again.status}`);
    return;
  }
}

async function basinNameIsFree(context: Context): Promise<void> {
  const basin = await context.basin();
  await (await context.stream({}, basin)).bodies("a");
  status(await context.call("DELETE", `/v1/basins/${basin}`), 202);
  const gone = await context.until(
    () => context.call("GET", `/v1/basins?prefix=${basin}`),
    ({ json }) => json.basins.length === 0,
    20_000,
  );
  equal(gone.json.basins, [], "basins under the name");
  refused(await context.call("GET", `/v1/basins/${basin}`), 404, "basin_not_found");
  status(await context.call("POST", "/v1/basins", { json: { basin } }), 201);
  const list = status(await context.call("GET", "/v1/streams", { basin }), 200);
  equal(list.json.streams, [], "streams of the new basin");
}

export const DELETION: Suite = {
  name: "deletion",
  title: "Deletion",
  cases: [
    define(
      "stream",
      "c#delete-a-stream d#order-of-checks",
      "DELETE answers 202 without a body, and 409 meanwhile to everything",
      deleteStream,
    ),
    define(
      "stream-not-made-anew",
      "c#delete-a-stream d#automatic-creation",
      "a stream that goes is not made anew by an append",
      pendingForCreators,
    ),
    define(
      "stream-name-is-free",
      "c#delete-a-stream d#loss-of-records-that-is-meant",
      "then the name is free, and another stream begins at 0",
      nameIsFree,
      { isSlow: true },
    ),
    ...sessionsEnd,
    define(
      "open-events",
      "c#delete-a-stream d#sse",
      "an open event stream ends with an error event",
      openEvents,
    ),
    define(
      "bounded-read",
      "d#loss-of-records-that-is-meant",
      "a bounded session ends with the error, never as if complete",
      boundedReadIsNotComplete,
    ),
    define(
      "waiting-read",
      "c#delete-a-stream d#waiting",
      "a read that waits ends with the error",
      waitingReadEnds,
    ),
    define(
      "basin",
      "c#delete-a-basin",
      "DELETE answers 202 without a body, and 409 meanwhile to creators",
      deleteBasin,
    ),
    define(
      "basin-name-is-free",
      "c#delete-a-basin",
      "its streams go, then the name is free",
      basinNameIsFree,
      { isSlow: true },
    ),
  ],
};
