// The end of a token while something runs: a read that waits, a body that is late, sessions over
// every carrier. Spec: control-plane#issue.

import { type Case, define, type Suite } from "../../case.js";
import { equal, refused, status } from "../../expect.js";
import { openSocket, parseRaw } from "../../probe/raw.js";
import { within } from "../../probe/target.js";
import type { CarrierName } from "../../run/caller.js";
import type { Context } from "../../run/context.js";
import { CARRIERS, inputOf } from "../sessions/per-carrier.js";
import { issue, NEEDS } from "./issue.js";

async function revoked(context: Context): Promise<void> {
  const stream = await context.stream();
  const { id, token } = await issue(context, {
    basins: { exact: stream.basin },
    streams: { exact: stream.name },
    ops: ["read"],
  });
  equal((await stream.get("seq_num=0", { token })).status, 416, "while it lives");
  const waiting = stream.get("seq_num=0&wait=20", { token });
  await context.sleep(200);
  status(await context.call("DELETE", `/v1/access-tokens/${id}`), 204);
  refused(await stream.get("seq_num=0", { token }), 401, "authn");
  refused(await waiting, 401, "authn", "a read that waits");
}

async function lateBody(context: Context): Promise<void> {
  const stream = await context.stream();
  const scope = {
    basins: { exact: stream.basin },
    streams: { exact: stream.name },
    ops: ["append"],
  };
  const { id, token } = await issue(context, scope);
  const { target } = context.shared;
  const body = '{"records":[{"body":"late"}]}';
  const head = [
    `POST ${stream.path} HTTP/1.1`,
    `host: ${target.hostname}:${target.port}`,
    `s2-basin: ${stream.basin}`,
    `authorization: Bearer ${token}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    "connection: close",
    "",
    "",
  ].join("\r\n");
  const socket = context.own(openSocket(target));
  let text = "";
  const closed = new Promise<void>((resolve) => {
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
  });
  socket.once(target.isTls ? "secureConnect" : "connect", () => socket.write(head));
  await context.sleep(300);
  status(await context.call("DELETE", `/v1/access-tokens/${id}`), 204);
  socket.write(body);
  await within(target, closed, "an answer to a late body");
  equal(parseRaw(text).status, 401, "a body that comes after its token was revoked");
  await stream.hasTail(0);
}

async function expires(context: Context): Promise<void> {
  const stream = await context.stream();
  const { token } = await issue(
    context,
    { basins: { exact: stream.basin }, streams: { exact: stream.name }, ops: ["read", "append"] },
    { expires_at: new Date(Math.ceil(context.now() / 1000) * 1000 + 2000).toISOString() },
  );
  const { basin, name } = stream;
  const session = await context.session({
    basin,
    stream: name,
    mode: "read",
    over: "h1",
    query: "seq_num=0",
    token,
  });
  await session.batch();
  const end = await session.terminal(10_000);
  equal(
    [end.status, (end.json as { code: string }).code],
    [401, "authn"],
    "the session ends with its token",
  );
  refused(await stream.get("seq_num=0", { token }), 401, "authn");
}

const revokedSessions = CARRIERS.map(
  (over: CarrierName): Case =>
    define(
      `revoked-session-${over}`,
      "c#issue",
      `sessions over ${over} end when their token is revoked`,
      async (context) => {
        const stream = await context.stream();
        const { basin, name } = stream;
        const { id, token } = await issue(context, {
          basins: { exact: basin },
          streams: { exact: name },
          ops: ["read", "append"],
        });
        const reader = await context.session({
          basin,
          stream: name,
          mode: "read",
          over,
          query: "seq_num=0",
          token,
        });
        await reader.batch();
        const writer = await context.session({ basin, stream: name, mode: "append", over, token });
        writer.send(inputOf(["x"]));
        await writer.ack();
        await reader.batch();
        status(await context.call("DELETE", `/v1/access-tokens/${id}`), 204);
        for (const session of [reader, writer]) {
          const end = await session.terminal();
          equal(
            [end.status, (end.json as { code: string }).code],
            [401, "authn"],
            "terminal frame",
          );
        }
      },
      {
        needs: [
          ...NEEDS.needs,
          ...(over === "h2" ? (["http2"] as const) : over === "ws" ? (["websocket"] as const) : []),
        ],
      },
    ),
);

export const TOKEN_ENDS: Suite = {
  name: "token-ends",
  title: "The end of a token",
  cases: [
    define(
      "revoked",
      "c#issue",
      "revoking holds at once, also for a read that waits",
      revoked,
      NEEDS,
    ),
    define(
      "late-body",
      "c#issue c#what-is-checked",
      "a token is looked at again when the body is whole",
      lateBody,
      NEEDS,
    ),
    define(
      "expires",
      "c#issue",
      "a session ends in the second in which its token expires",
      expires,
      { ...NEEDS, isSlow: true },
    ),
    ...revokedSessions,
  ],
};
