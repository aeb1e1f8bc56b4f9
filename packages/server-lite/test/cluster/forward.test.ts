// A request that is passed on over real connections: what happens to it when the other node is not the
// one, is not there, or dies over it.

import { constants, createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { systemClock } from "@s2kit/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Forwarded, forward } from "../../src/cluster/forward.js";
import { Http2Peers } from "../../src/http/peer/http2-peers.js";
import { MAX_NODE_HEADER_BYTES } from "../../src/http/request-head.js";
import { handleRequest } from "../../src/http/web-handler.js";

let server: Http2Server;
let peers: Http2Peers;
let url: string;
/** What the other node does with a stream. */
let answer: (stream: ServerHttp2Stream, method: string) => void;

beforeEach(async () => {
  server = createServer({ settings: { maxHeaderListSize: MAX_NODE_HEADER_BYTES } });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    answer(stream, String(headers[":method"]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  peers = new Http2Peers(systemClock, "secret");
});
afterEach(() => {
  peers.close();
  server.close();
});

interface Passed {
  readonly outcome: Promise<Forwarded | { readonly failed: string }>;
  readonly response: Promise<Response>;
}

function pass(
  method: string,
  body?: string | Uint8Array,
  to: string = url,
  headers: Record<string, string> = body === undefined ? {} : { "content-type": "s2s/proto" },
): Passed {
  const request = new Request("http://node/v1/x", { method, ...(body && { body }) });
  const head = { method, path: "/v1/x", headers, hasBody: body !== undefined };
  let outcome: Passed["outcome"] = Promise.resolve({ failed: "never began" });
  const response = handleRequest(request, (exchange) => {
    outcome = forward(exchange, peers, { url: to, head }).catch(({ code }: { code: string }) => {
      return { failed: code };
    });
  });
  response.catch(() => undefined);
  return { outcome, response };
}

it("goes both ways whole, however long it is", async () => {
  const sent = Buffer.alloc(3_000_000, "ab");
  answer = (stream) => {
    stream.additionalHeaders({ ":status": 100 });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      stream.respond({ ":status": 200, "x-own": "1" });
      stream.end(Buffer.concat(chunks));
    });
  };
  const { outcome, response } = pass("POST", sent);
  expect(await outcome).toEqual({ kind: "answered", status: 200 });
  const answered = await response;
  expect(answered.headers.get("x-own")).toBe("1");
  expect(sent.equals(Buffer.from(await answered.arrayBuffer()))).toBe(true);
});

it("has done nothing when the body was not asked for", async () => {
  answer = (stream) => {
    stream.respond({ ":status": 421 });
    stream.end("{}");
  };
  expect(await pass("POST", "body").outcome).toEqual({ kind: "misdirected" });
  answer = (stream) => stream.session?.destroy();
  expect(await pass("POST", "body").outcome).toEqual({ kind: "unreached" });
  // Whoever needs no body asks for none.
  expect(await pass("PUT", "{}", url, {}).outcome).toEqual({ failed: "unavailable" });
  expect(await pass("GET").outcome).toEqual({ kind: "unreached" });
  const gone = "http://127.0.0.1:1";
  expect(await pass("DELETE", undefined, gone).outcome).toEqual({ kind: "unreached" });
});

it("is of unknown outcome when the other node dies over it", async () => {
  answer = (stream) => {
    stream.additionalHeaders({ ":status": 100 });
    stream.on("data", () => stream.session?.destroy());
  };
  expect(await pass("POST", "body").outcome).toEqual({ failed: "unavailable" });
  answer = (stream) => stream.session?.destroy();
  expect(await pass("DELETE").outcome).toEqual({ failed: "unavailable" });
});

it("is never told that it was misdirected", async () => {
  answer = (stream) => {
    stream.additionalHeaders({ ":status": 100 });
    stream.once("data", () => {
      stream.respond({ ":status": 421 });
      stream.end("{}");
    });
  };
  expect(await pass("POST", "body").outcome).toEqual({ failed: "unavailable" });
});

it("fails alone when the other node resets it, and hides nobody", async () => {
  answer = (stream) => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  expect(await pass("POST", "body").outcome).toEqual({ failed: "hot_server" });
  expect(await pass("GET").outcome).toEqual({ failed: "unavailable" });
  expect(await pass("DELETE").outcome).toEqual({ failed: "unavailable" });
  const large = { "x-large": "x".repeat(100_000) };
  expect(await pass("GET", undefined, url, large).outcome).toEqual({ failed: "unavailable" });
  answer = (stream) => {
    stream.respond({ ":status": 204 });
    stream.end();
  };
  // A head as large as a client may send has room for what nodes add.
  const most = { "x-large": "x".repeat(64 * 1024 - 100) };
  expect(await pass("GET", undefined, url, most).outcome).toMatchObject({ status: 204 });
  expect(peers.connectionCount).toBe(1);
});

it("is broken off for the client when its answer is", async () => {
  answer = (stream) => {
    stream.respond({ ":status": 200 });
    stream.write("the first half", () => stream.session?.destroy());
  };
  const response = await pass("GET").response;
  await expect(response.text()).rejects.toThrow("client went away");
});

it("holds up nobody else while its own client takes nothing", async () => {
  const long = Buffer.alloc(2_000_000, "ab");
  answer = (stream) => {
    stream.respond({ ":status": 200 });
    stream.end(long);
  };
  const held = await pass("GET").response;
  const other = await pass("GET").response;
  expect((await other.arrayBuffer()).byteLength).toBe(long.length);
  expect(peers.connectionCount).toBe(1);
  expect((await held.arrayBuffer()).byteLength).toBe(long.length);
});

it("lets go of the other node when the client is gone", async () => {
  const closed = new Promise<void>((resolve) => {
    answer = (stream) => {
      stream.respond({ ":status": 200 });
      stream.write("x");
      stream.on("close", () => resolve());
    };
  });
  const response = await pass("GET").response;
  await response.body?.cancel();
  await closed;
});
