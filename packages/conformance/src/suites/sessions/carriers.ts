// The carriers themselves: HTTP/1.1 in its odd but lawful forms, HTTP/2 with prior knowledge or by
// ALPN, both on one port. Raw sockets where a library would hide what happens.

import { type Case, define, type Suite } from "../../case.js";
import { encodeInput } from "../../codec/messages.js";
import { equal, matches, ok, status } from "../../expect.js";
import { openHttp2 } from "../../probe/http.js";
import { openSocket, rawExchange, rawRequest } from "../../probe/raw.js";
import { authorization, within } from "../../probe/target.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";

function lines(context: Context, stream: StreamHandle, ...more: string[]): string[] {
  const { hostname, port, token } = context.shared.target;
  const named = token === undefined ? [] : [`authorization: Bearer ${token}`];
  return [`host: ${hostname}:${port}`, `s2-basin: ${stream.basin}`, ...named, ...more];
}

async function chunked(context: Context): Promise<void> {
  const stream = await context.stream();
  const body = '{"records":[{"body":"in chunks"}]}';
  const head = [
    `POST ${stream.path} HTTP/1.1`,
    ...lines(
      context,
      stream,
      "content-type: application/json",
      "transfer-encoding: chunked",
      "connection: close",
    ),
    "",
    "",
  ].join("\r\n");
  const chunks = body.split("").map((byte) => `1\r\n${byte}\r\n`);
  const answer = await rawExchange(context.shared.target, {
    parts: [head, ...chunks, "0\r\n\r\n"],
  });
  equal(answer.status, 200, `a body in chunks of a byte: ${answer.text.slice(0, 200)}`);
  equal(await stream.texts("seq_num=0"), ["in chunks"], "records");
}

async function byteByByte(context: Context): Promise<void> {
  const stream = await context.stream();
  const request = [
    `GET ${stream.path}/tail HTTP/1.1`,
    ...lines(context, stream, "connection: close"),
    "",
    "",
  ].join("\r\n");
  const answer = await rawExchange(context.shared.target, { parts: request.split("") });
  equal(answer.status, 200, "a head that comes byte by byte");
}

async function keepAlive(context: Context): Promise<void> {
  const stream = await context.stream();
  const request = [`GET ${stream.path}/tail HTTP/1.1`, ...lines(context, stream), "", ""].join(
    "\r\n",
  );
  const twice = (text: string): boolean => (text.match(/"tail"/g) ?? []).length === 2;
  const answer = await rawExchange(context.shared.target, {
    parts: [request + request],
    isEnough: twice,
  });
  equal(
    (answer.text.match(/HTTP\/1\.1 200/g) ?? []).length,
    2,
    "two requests on one connection, sent at once",
  );
}

async function headerCase(context: Context): Promise<void> {
  const stream = await context.stream();
  const shouted = lines(context, stream).map((line) =>
    line.replace(/^[^:]+/, (name) => name.toUpperCase()),
  );
  equal(
    (await rawRequest(context.shared.target, `GET ${stream.path}/tail HTTP/1.1`, shouted)).status,
    200,
    "names in capitals",
  );
}

async function noHost(context: Context): Promise<void> {
  const stream = await context.stream();
  const [, ...rest] = lines(context, stream);
  const answer = await rawRequest(context.shared.target, `GET ${stream.path}/tail HTTP/1.1`, rest);
  equal(answer.status, 400, "HTTP/1.1 without a host");
}

async function garbage(context: Context): Promise<void> {
  for (const bytes of ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\nhost: x\r\n\r\n"]) {
    const answer = await rawExchange(context.shared.target, { parts: [bytes] });
    ok(
      answer.status === 0 || (answer.status >= 400 && answer.status < 600),
      `garbage is answered ${answer.status}`,
    );
  }
  status(await context.call("GET", "/v1/basins?limit=1"), 200);
}

async function smuggling(context: Context): Promise<void> {
  const stream = await context.stream();
  const body = '{"records":[{"body":"x"}]}';
  const both = lines(
    context,
    stream,
    "content-type: application/json",
    `content-length: ${body.length}`,
    "transfer-encoding: chunked",
  );
  const answer = await rawRequest(
    context.shared.target,
    `POST ${stream.path} HTTP/1.1`,
    both,
    `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  );
  // Chunks win over the length, or the request is refused: never a body of both.
  if (answer.status === 200)
    equal(await stream.texts("seq_num=0"), ["x"], "the body of the chunks");
  else {
    ok(answer.status >= 400 || answer.status === 0, `a length beside chunks: ${answer.status}`);
    await stream.hasTail(0);
  }
}

async function truncatedBody(context: Context): Promise<void> {
  const stream = await context.stream();
  const body = '{"records":[{"body":"x"}]}';
  const head = [
    `POST ${stream.path} HTTP/1.1`,
    ...lines(
      context,
      stream,
      "content-type: application/json",
      `content-length: ${body.length + 1}`,
    ),
    "",
    "",
  ].join("\r\n");
  const socket = context.own(openSocket(context.shared.target));
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.on("error", () => undefined);
  socket.resume();
  socket.once(context.shared.target.isTls ? "secureConnect" : "connect", () =>
    socket.end(head + body),
  );
  await within(context.shared.target, closed, "close of a cut request");
  await stream.hasTail(0);
}

async function continues(context: Context): Promise<void> {
  const stream = await context.stream();
  const body = '{"records":[{"body":"x"}]}';
  const head = [
    `POST ${stream.path} HTTP/1.1`,
    ...lines(
      context,
      stream,
      "content-type: application/json",
      `content-length: ${body.length}`,
      "expect: 100-continue",
      "connection: close",
    ),
    "",
    "",
  ].join("\r\n");
  const socket = context.own(openSocket(context.shared.target));
  let text = "";
  const ended = new Promise<void>((resolve) => {
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (text === "HTTP/1.1 100 Continue\r\n\r\n") socket.write(body);
    });
  });
  socket.once(context.shared.target.isTls ? "secureConnect" : "connect", () => socket.write(head));
  await within(context.shared.target, ended, "an answer to expect: 100-continue");
  matches(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/, "answer");
}

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

export const CARRIERS_SUITE: Suite = {
  name: "carriers",
  title: "Carriers",
  cases: [
    define("chunked", "d#carriers", "HTTP/1.1 bodies may come in chunks", chunked),
    define("byte-by-byte", "d#carriers", "a head may come byte by byte", byteByByte),
    define(
      "keep-alive",
      "d#carriers",
      "requests may follow on a connection, also unasked",
      keepAlive,
    ),
    define("header-case", "c#request-headers", "header names count in any case", headerCase),
    define("no-host", "c#hosts-and-basins", "HTTP/1.1 without a host is 400", noHost),
    define("garbage", "c#errors", "garbage is refused or dropped, and harms nobody", garbage),
    define(
      "length-and-chunks",
      "c#bodies",
      "a length beside chunks is refused, or does not count",
      smuggling,
    ),
    define(
      "cut-body",
      "d#guarantees d#append",
      "a body that was cut takes no effect",
      truncatedBody,
    ),
    define(
      "expect-continue",
      "d#carriers",
      "100 Continue is sent when the body is wanted",
      continues,
    ),
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
  ] satisfies readonly Case[],
};
