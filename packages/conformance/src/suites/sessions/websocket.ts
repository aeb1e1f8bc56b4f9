// What only WebSockets have: the upgrade, subprotocols, messages, close codes. Their tokens are in
// websocket-tokens.ts, the sessions themselves in the suites of sessions.
// docs/protocol/websocket.md

import { define, type Suite } from "../../case.js";
import { frameOf } from "../../codec/frame.js";
import { encodeInput } from "../../codec/messages.js";
import { equal } from "../../expect.js";
import { createSession } from "../../probe/session.js";
import { dialWebSocket, type WebSocketCarrier } from "../../probe/websocket.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";
import { inputOf } from "./per-carrier.js";
import { WEBSOCKET_TOKENS } from "./websocket-tokens.js";

const NEEDS = { needs: ["websocket"] } as const;

async function dial(
  context: Context,
  stream: StreamHandle,
  query: string,
  protocols: readonly string[] = ["s2s.v1"],
  headers: Record<string, string> = {},
): Promise<WebSocketCarrier> {
  const { target } = context.shared;
  const bearer =
    target.token === undefined
      ? []
      : [`s2.bearer.${Buffer.from(target.token).toString("base64url")}`];
  return context.own(
    await dialWebSocket(target, {
      path: `${stream.path}?${query}`,
      protocols: [...protocols, ...bearer],
      headers,
    }),
  );
}

async function subprotocol(context: Context): Promise<void> {
  const stream = await context.stream();
  const carrier = await dial(context, stream, `basin=${stream.basin}&mode=append`);
  equal(
    [carrier.upgradeStatus, carrier.headers["sec-websocket-protocol"]],
    [101, "s2s.v1"],
    "upgrade",
  );
  equal(carrier.headers["sec-websocket-extensions"], undefined, "permessage-deflate is not used");
  const without = await dial(context, stream, `basin=${stream.basin}&mode=append`, ["other"]);
  equal(
    [without.upgradeStatus, without.refusal?.json?.code],
    [400, "bad_header"],
    "without s2s.v1",
  );
}

async function basinAsHeader(context: Context): Promise<void> {
  const stream = await context.stream();
  const carrier = await dial(context, stream, "mode=append", ["s2s.v1"], {
    "s2-basin": stream.basin,
  });
  const session = createSession(context.shared.target, carrier);
  session.send(inputOf(["x"]));
  equal((await session.ack()).end.seq_num, 1, "the header names the basin too");
}

async function halfClose(context: Context): Promise<void> {
  const stream = await context.stream();
  const session = createSession(
    context.shared.target,
    await dial(context, stream, `basin=${stream.basin}&mode=append`),
  );
  session.send(inputOf(["a"]), inputOf(["b"]), inputOf(["c"]));
  session.half();
  for (const end of [1, 2, 3])
    equal((await session.ack()).end.seq_num, end, "what is left is acknowledged");
  equal(await session.next(), undefined, "the end");
  equal(session.closeCode(), 1000, "close code");
}

async function textMessage(context: Context): Promise<void> {
  const stream = await context.stream();
  const carrier = await dial(context, stream, `basin=${stream.basin}&mode=append`);
  const session = createSession(context.shared.target, carrier);
  carrier.sendText("hello");
  const end = await session.terminal();
  equal(
    [end.status, (end.json as { code: string }).code, session.closeCode()],
    [400, "bad_frame", 4400],
    "a text message",
  );
}

async function modes(context: Context): Promise<void> {
  const stream = await context.stream();
  for (const query of ["", "mode=", "mode=both"]) {
    const carrier = await dial(context, stream, `basin=${stream.basin}&${query}`);
    const refusal =
      carrier.refusal ?? (await createSession(context.shared.target, carrier).terminal());
    equal(refusal.status, 400, `mode: ${query || "none"}`);
  }
}

async function refusalsAfterTheUpgrade(context: Context): Promise<void> {
  const stream = await context.stream();
  const ask = async (query: string, status: number): Promise<void> => {
    const carrier = await dial(context, stream, query);
    equal(carrier.upgradeStatus, 101, "a browser cannot see the status of a refused upgrade");
    const session = createSession(context.shared.target, carrier);
    equal((await session.terminal()).status, status, query);
    equal(session.closeCode(), 4000 + status, `close code of ${query}`);
  };
  await ask(`basin=${stream.basin}&mode=read&seq_num=9`, 416);
  await ask(`basin=${stream.basin}&mode=read&seq_num=x`, 400);
  await ask(`basin=${stream.basin}&mode=read&seq_num=1&timestamp=1`, 422);
  await ask(`basin=${context.shared.workspace.basinName()}&mode=append`, 404);
}

async function largeMessages(context: Context): Promise<void> {
  const stream = await context.stream();
  const session = createSession(
    context.shared.target,
    await dial(context, stream, `basin=${stream.basin}&mode=append`),
  );
  // Several frames in one message, above 64 KiB: the long form of lengths.
  const frame = frameOf(encodeInput({ records: [{ body: "x".repeat(50_000) }] }));
  session.send(frame, frame, frame);
  for (const end of [1, 2, 3])
    equal((await session.ack()).end.seq_num, end, "each frame of a message");
}

async function tooLarge(context: Context): Promise<void> {
  const stream = await context.stream();
  const carrier = await dial(context, stream, `basin=${stream.basin}&mode=append`);
  // Its head is enough: who goes on sending may lose the close to a reset of the connection.
  carrier.announce(8 * 1024 * 1024 + 1);
  await carrier.frames.rest(context.shared.target, "the end of a session");
  equal(carrier.closeCode(), 1009, "close code of a message above 8 MiB");
  await stream.hasTail(0);
}

async function readOnly(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b");
  const session = createSession(
    context.shared.target,
    await dial(context, stream, `basin=${stream.basin}&mode=read&seq_num=0&count=2`),
  );
  equal((await session.batch()).records.length, 2, "records");
  equal(await session.next(), undefined, "the end");
  equal(session.closeCode(), 1000, "a bound of the read is reached");
}

export const WEBSOCKET: Suite = {
  name: "websocket",
  title: "S2S over WebSocket",
  cases: [
    define("subprotocol", "d#carriers", "s2s.v1 is required and selected", subprotocol, NEEDS),
    define(
      "basin-as-header",
      "d#carriers c#hosts-and-basins",
      "s2-basin works beside the query",
      basinAsHeader,
      NEEDS,
    ),
    define(
      "half-close",
      "d#carriers d#append-session",
      "an empty message ends the input; then 1000",
      halfClose,
      NEEDS,
    ),
    define(
      "text-message",
      "d#carriers d#frames",
      "a text message is bad_frame, then 4400",
      textMessage,
      NEEDS,
    ),
    define("modes", "d#carriers", "the mode is required", modes, NEEDS),
    define(
      "refusals",
      "d#carriers d#where-a-read-starts",
      "failures come after the upgrade, as a terminal frame",
      refusalsAfterTheUpgrade,
      NEEDS,
    ),
    define(
      "large-messages",
      "d#carriers d#frames",
      "a message may hold several frames",
      largeMessages,
      NEEDS,
    ),
    define(
      "message-too-large",
      "d#carriers",
      "a message above 8 MiB closes with 1009",
      tooLarge,
      NEEDS,
    ),
    ...WEBSOCKET_TOKENS,
    define(
      "bounded-read",
      "d#carriers d#read-session",
      "a bound of a read closes with 1000",
      readOnly,
      NEEDS,
    ),
  ],
};
