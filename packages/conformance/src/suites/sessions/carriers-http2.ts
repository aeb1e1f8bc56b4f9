// HTTP/2 as a carrier, with prior knowledge or by ALPN, and both versions on one port.
// Cases of the suite in carriers.ts. Spec: data-plane#carriers.

import { type Case, define } from "../../case.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, status } from "../../expect.js";
import { openHttp2 } from "../../probe/http.js";
import { openSocket, rawExchange } from "../../probe/raw.js";
import { authorization, within } from "../../probe/target.js";
import type { Context } from "../../run/context.js";

/** The first bytes of HTTP/2 by hand: preface and an empty SETTINGS frame. */
async function priorKnowledge(context: Context): Promise<void> {
  const preface = Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
  ]);
  const answer = await rawExchange(context.shared.target, {
    parts: [preface],
    isEnough: (text) => text.length >= 9,
  });
  const bytes = Buffer.from(answer.text, "latin1");
  equal([bytes[3], (bytes[4] ?? 0) & 1], [4, 0], "the server answers the preface with SETTINGS");
}

async function http2Unary(context: Context): Promise<void> {
  const stream = await context.stream();
  const appended = await stream.post({ records: [{ body: "over h2" }] }, { over: "h2" });
  equal(status(appended, 200).json.end.seq_num, 1, "append");
  const proto = await context.call("POST", stream.path, {
    basin: stream.basin,
    over: "h2",
    body: encodeInput({ records: [{ body: "y" }] }),
    headers: { "content-type": "application/protobuf" },
  });
  status(proto, 200);
  equal(status(await stream.get("seq_num=0", { over: "h2" }), 200).json.records.length, 2, "read");
  equal((await stream.get("seq_num=2", { over: "h2" })).status, 416, "416");
  equal((await stream.post({}, { over: "h2" })).json.code, "bad_json", "an error");
}

async function multiplexed(context: Context): Promise<void> {
  const stream = await context.stream();
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      stream.post({ records: [{ body: `${index}` }] }, { over: "h2" }),
    ),
  );
  const starts = answers.map((answer) => status(answer, 200).json.start.seq_num as number);
  equal(
    starts.sort((a, b) => a - b),
    Array.from({ length: 30 }, (_, index) => index),
    "30 requests at once on one connection",
  );
}

async function twoProtocolsOnePort(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.post({ records: [{ body: "one" }] }, { over: "h1" });
  await stream.post({ records: [{ body: "two" }] }, { over: "h2" });
  equal(await stream.texts("seq_num=0"), ["one", "two"], "records");
}

async function alpn(context: Context): Promise<void> {
  const { target } = context.shared;
  for (const [offered, expected] of [
    [["h2", "http/1.1"], "h2"],
    [["http/1.1"], "http/1.1"],
    [["h2"], "h2"],
  ] as const) {
    const socket = context.own(openSocket(target, offered));
    const chosen = new Promise<unknown>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("secureConnect", () =>
        resolve((socket as { alpnProtocol?: unknown }).alpnProtocol),
      );
    });
    equal(await within(target, chosen, "ALPN"), expected, `chosen of ${offered.join(", ")}`);
  }
}

async function resetStream(context: Context): Promise<void> {
  const stream = await context.stream();
  const { target } = context.shared;
  const session = context.own(openHttp2(target));
  const opened = session.request({
    ":method": "GET",
    ":path": `${stream.path}?seq_num=0`,
    "s2-basin": stream.basin,
    "content-type": "s2s/proto",
    ...authorization(target.token),
  });
  opened.on("error", () => undefined);
  await within(target, new Promise((resolve) => opened.once("data", resolve)), "a heartbeat");
  opened.close(8);
  // The connection lives on.
  const next = session.request({
    ":path": `${stream.path}/tail`,
    "s2-basin": stream.basin,
    ...authorization(target.token),
  });
  const head = await within(
    target,
    new Promise<Record<string, unknown>>((resolve) =>
      next.once("response", (got) => resolve(got as Record<string, unknown>)),
    ),
    "an answer after a reset",
  );
  equal(head[":status"], 200, "status after a reset");
}

export const CARRIERS_HTTP2: readonly Case[] = [
  define(
    "prior-knowledge",
    "d#carriers",
    "HTTP/2 in clear text with prior knowledge",
    priorKnowledge,
    { needs: ["clear-text"] },
  ),
  define("http2-unary", "d#carriers d#routes", "unary requests over HTTP/2", http2Unary, {
    needs: ["http2"],
  }),
  define(
    "http2-multiplexed",
    "d#carriers",
    "many requests at once on one connection",
    multiplexed,
    { needs: ["http2"] },
  ),
  define("one-port", "d#carriers", "one port serves both versions", twoProtocolsOnePort),
  define("alpn", "d#carriers", "ALPN offers h2 and http/1.1", alpn, { needs: ["tls"] }),
  define(
    "http2-reset",
    "d#carriers d#guarantees",
    "a reset stream leaves its connection",
    resetStream,
    { needs: ["http2"] },
  ),
];
