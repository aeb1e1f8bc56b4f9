// The carriers themselves: HTTP/1.1 in its odd but lawful forms, over raw sockets where a library
// would hide what happens. HTTP/2 beside it is in carriers-http2.ts.

import { type Case, define, type Suite } from "../../case.js";
import { equal, matches, ok, status } from "../../expect.js";
import { openSocket, rawExchange, rawRequest } from "../../probe/raw.js";
import { within } from "../../probe/target.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";
import { CARRIERS_HTTP2 } from "./carriers-http2.js";

function lines(context: Context, stream: StreamHandle, ...more: string[]): string[] {
  const { hostname, port, token } = context.shared.target;
  const named = token === undefined ? [] : [`authorization: Bearer ${token}`];
  return [`host: ${hostname}:${port}`, `s2-basin: ${stream.basin}`, ...named, ...more];
}

/** A whole head: the request line by its method and what is behind the stream's path. */
function headOf(
  context: Context,
  stream: StreamHandle,
  [method, rest = ""]: readonly [string, string?],
  ...more: string[]
): string {
  const request = `${method} ${stream.path}${rest} HTTP/1.1`;
  return [request, ...lines(context, stream, ...more), "", ""].join("\r\n");
}

async function chunked(context: Context): Promise<void> {
  const stream = await context.stream();
  const body = '{"records":[{"body":"in chunks"}]}';
  const head = headOf(
    context,
    stream,
    ["POST"],
    "content-type: application/json",
    "transfer-encoding: chunked",
    "connection: close",
  );
  const chunks = body.split("").map((byte) => `1\r\n${byte}\r\n`);
  const answer = await rawExchange(context.shared.target, {
    parts: [head, ...chunks, "0\r\n\r\n"],
  });
  equal(answer.status, 200, `a body in chunks of a byte: ${answer.text.slice(0, 200)}`);
  equal(await stream.texts("seq_num=0"), ["in chunks"], "records");
}

async function byteByByte(context: Context): Promise<void> {
  const stream = await context.stream();
  const request = headOf(context, stream, ["GET", "/tail"], "connection: close");
  const answer = await rawExchange(context.shared.target, { parts: request.split("") });
  equal(answer.status, 200, "a head that comes byte by byte");
}

async function keepAlive(context: Context): Promise<void> {
  const stream = await context.stream();
  const request = headOf(context, stream, ["GET", "/tail"]);
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
  const head = headOf(
    context,
    stream,
    ["POST"],
    "content-type: application/json",
    `content-length: ${body.length + 1}`,
  );
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
  const head = headOf(
    context,
    stream,
    ["POST"],
    "content-type: application/json",
    `content-length: ${body.length}`,
    "expect: 100-continue",
    "connection: close",
  );
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
    ...CARRIERS_HTTP2,
  ] satisfies readonly Case[],
};
