// Access tokens over WebSockets: that one is needed, and what it is held to.
// Cases of the suite in websocket.ts. docs/protocol/websocket.md

import type { Case } from "../../case.js";
import { define } from "../../case.js";
import { frameOf } from "../../codec/frame.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, status } from "../../expect.js";
import { createSession, type Session } from "../../probe/session.js";
import { dialWebSocket } from "../../probe/websocket.js";
import type { Context } from "../../run/context.js";
import { NEEDS as ISSUED, issue } from "../access/issue.js";

async function withoutToken(context: Context): Promise<void> {
  const stream = await context.stream();
  for (const protocols of [
    ["s2s.v1"],
    ["s2s.v1", `s2.bearer.${Buffer.from("unknown").toString("base64url")}`],
  ]) {
    const carrier = context.own(
      await dialWebSocket(context.shared.target, {
        path: `${stream.path}?basin=${stream.basin}&mode=read`,
        protocols,
      }),
    );
    const refusal =
      carrier.refusal ?? (await createSession(context.shared.target, carrier).terminal());
    equal(refusal.status, 401, "status");
  }
}

async function scopeOfTheToken(context: Context): Promise<void> {
  const [mine, theirs] = [await context.basin(), await context.basin()];
  for (const basin of [mine, theirs])
    status(await context.call("PUT", "/v1/streams/t%2Fs", { basin }), 201);
  const scope = { basins: { exact: mine }, streams: { prefix: "t/" } };
  const open = (token: string, mode: "append" | "read", basin: string): Promise<Session> => {
    const query = mode === "read" ? "seq_num=0" : "";
    return context.session({ basin, stream: "s", mode, over: "ws", query, token });
  };
  const automatic = { auto_prefix_streams: true };
  const { token: reader } = await issue(context, { ...scope, ops: ["read"] }, automatic);
  for (const [mode, basin] of [
    ["append", mine],
    ["read", theirs],
    ["read", context.shared.workspace.basinName()],
  ] as const) {
    const end = await (await open(reader, mode, basin)).terminal();
    equal(
      [end.status, (end.json as { code: string }).code],
      [403, "permission_denied"],
      `${mode} of ${basin}`,
    );
  }
  const { token: writer } = await issue(context, { ...scope, ops: ["append"] }, automatic);
  const session = await open(writer, "append", mine);
  session.send(frameOf(encodeInput({ records: [{ body: "hello" }] })));
  equal((await session.ack()).end.seq_num, 1, "an append under the prefix");
  const read = await context.call("GET", "/v1/streams/t%2Fs/records?seq_num=0", { basin: mine });
  equal(status(read, 200).json.records[0].body, "hello", "by its whole name");
}

export const WEBSOCKET_TOKENS: readonly Case[] = [
  define(
    "without-token",
    "d#carriers c#what-is-checked",
    "a WebSocket needs a token like any request",
    withoutToken,
    { needs: ["websocket", "auth"] },
  ),
  define(
    "scope-of-token",
    "d#carriers c#what-is-checked c#automatic-prefixes",
    "a WebSocket is held to the operations, basins and prefix of its token",
    scopeOfTheToken,
    { needs: ["websocket", ...ISSUED.needs] },
  ),
];
