// Tricks of HTTP/1.1: requests that two parsers could read differently, names that try to leave their
// place, headers that come twice, floods of small things. Each is refused with a code or a closed
// connection, and none carries a second request in.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, startServer, type TestServer } from "../support/test-server.js";
import { RawSocket, rawAnswer } from "./support/raw-socket.js";

const BASIN = "http1-victim-basin";

let running: TestServer;
beforeAll(async () => {
  running = await startServer({ headersTimeoutMs: 500 });
  await call(running.url, "PUT", `/v1/basins/${BASIN}`);
  await call(running.url, "PUT", "/v1/streams/canary", { basin: BASIN });
});
afterAll(async () => {
  // Nothing was smuggled in, and nothing was deleted.
  const basins = await call(running.url, "GET", "/v1/basins");
  expect(basins.json.basins.map(({ name }: { name: string }) => name)).toEqual([BASIN]);
  const streams = await call(running.url, "GET", "/v1/streams", { basin: BASIN });
  expect(streams.json.streams.map(({ name }: { name: string }) => name)).toEqual(["canary"]);
  await running.server.close();
});

/** What an attacker wants to happen behind someone else's request. */
const SMUGGLED = "PUT /v1/basins/smuggled-basin HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
const lines = (...all: string[]): string => `${all.join("\r\n")}\r\n\r\n`;
const POST = "POST /v1/basins HTTP/1.1";
const JSON_TYPE = "content-type: application/json";

describe("a request that could hide another one is refused, and the connection closed", () => {
  const length = `content-length: ${SMUGGLED.length}`;
  test.each([
    [
      "a length and chunks",
      lines(POST, "host: x", JSON_TYPE, length, "transfer-encoding: chunked"),
    ],
    [
      "chunks and a length",
      lines(POST, "host: x", JSON_TYPE, "transfer-encoding: chunked", length),
    ],
    ["two lengths", lines(POST, "host: x", JSON_TYPE, "content-length: 0", length)],
    ["two lengths in one", lines(POST, "host: x", JSON_TYPE, "content-length: 0, 5")],
    ["a negative length", lines(POST, "host: x", JSON_TYPE, "content-length: -1")],
    ["a length with a sign", lines(POST, "host: x", JSON_TYPE, "content-length: +0")],
    ["a hexadecimal length", lines(POST, "host: x", JSON_TYPE, "content-length: 0x10")],
    [
      "a length beyond 2^64",
      lines(POST, "host: x", JSON_TYPE, `content-length: ${"9".repeat(30)}`),
    ],
    [
      "chunks that are not last",
      lines(POST, "host: x", JSON_TYPE, "transfer-encoding: chunked, identity"),
    ],
    ["an unknown coding", lines(POST, "host: x", JSON_TYPE, "transfer-encoding: xchunked")],
    ["chunks with a tab inside", lines(POST, "host: x", JSON_TYPE, "transfer-encoding: chun\tked")],
    ["a space before the colon", lines(POST, "host: x", JSON_TYPE, "transfer-encoding : chunked")],
    ["a folded header", lines(POST, "host: x", JSON_TYPE, "transfer-encoding:", " chunked")],
    ["a bare carriage return", lines(POST, "host: x\rtransfer-encoding: chunked", JSON_TYPE)],
    ["a NUL in a header", lines(POST, "host: x", JSON_TYPE, "x-a: b\0c")],
    ["a header without a name", lines(POST, "host: x", JSON_TYPE, ": value")],
  ])("%s", async (_, head) => {
    const answer = await rawAnswer(running.port, head + SMUGGLED);
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*connection: close[\s\S]*"code":"bad_header"/);
    expect(answer.match(/HTTP\/1.1 /g)).toHaveLength(1);
  });

  const CHUNKED = lines(POST, "host: x", JSON_TYPE, "transfer-encoding: chunked");
  test.each([
    ["a size that is no number", "zz\r\n"],
    ["a size beyond 2^64", `${"f".repeat(17)}\r\n`],
    ["a negative size", "-1\r\n"],
    ["a size and a semicolon without end", `1;${"a".repeat(20_000)}`],
    ["data longer than its size", "1\r\nabc\r\n0\r\n\r\n"],
    ["a bare line feed", "1\na\n0\n\n"],
    ["trailers without end", `0\r\n${"x-a: b\r\n".repeat(20_000)}`],
  ])("chunks with %s", async (_, chunks) => {
    const answer = await rawAnswer(running.port, CHUNKED + chunks + SMUGGLED);
    // Where the body broke, the request was on its way: it may have got its answer already.
    expect(answer).toMatch(/^(HTTP\/1.1 4\d\d |$)/);
    expect(answer).not.toContain("smuggled-basin");
  });

  test("a body behind GET, and one behind a length of 0, are the next request or nothing", async () => {
    const get = lines("GET /health HTTP/1.1", "host: x", "content-length: 4");
    const answer = await rawAnswer(
      running.port,
      `${get}body${lines("GET /ping HTTP/1.1", "host: x", "connection: close")}`,
    );
    expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(2);
  });
});

describe("names that try to leave their place", () => {
  const head = `host: x\r\ns2-basin: ${BASIN}\r\nconnection: close`;
  test.each([
    ["dots", "/v1/streams/..", "bad_path"],
    ["encoded dots", "/v1/streams/%2e%2e", "bad_path"],
    ["a dot", "/v1/streams/%2e", "bad_path"],
    ["a NUL", "/v1/streams/a%00.txt", "bad_path"],
    ["an overlong encoding", "/v1/streams/%c0%ae%c0%ae", "bad_path"],
    ["half an escape", "/v1/streams/%", "bad_path"],
    ["an encoded surrogate", "/v1/streams/%ed%a0%80", "bad_path"],
    ["513 bytes in escapes", `/v1/streams/${"%78".repeat(513)}`, "bad_path"],
    ["a basin with a slash", "/v1/basins/..%2f..%2fetc", "bad_path"],
    [
      "an absolute URL of another host",
      "http://evil.example/v1/streams/canary",
      "permission_denied",
    ],
    ["an absolute URL of no path", "http://localhost", "not_found"],
    ["an authority instead of a path", "*", "not_found"],
    ["a fragment", "/v1/streams#x", "not_found"],
    ["a trailing slash", "/v1/streams/canary/", "not_found"],
    ["a doubled slash", "//v1/streams/canary", "not_found"],
    ["another case", "/V1/streams", "not_found"],
    ["a matrix parameter", "/v1/streams;a=b", "not_found"],
  ])("%s", async (_, target, code) => {
    const answer = await rawAnswer(running.port, `DELETE ${target} HTTP/1.1\r\n${head}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(answer).toContain(`"code":"${code}"`);
  });

  test("escapes are undone once: %252e is a name, not a path", async () => {
    const path = "/v1/streams/%252e%252e%252fcanary";
    const { status, json } = await call(running.url, "GET", path, { basin: BASIN });
    expect([status, json.code]).toEqual([404, "stream_not_found"]);
    expect(json.message).toContain("%2e%2e%2fcanary");
  });

  test("a target of 60 KB is refused, one of a megabyte closes the connection", async () => {
    for (const length of [60_000, 1_000_000]) {
      const answer = await rawAnswer(
        running.port,
        `GET /v1/streams/${"x".repeat(length)} HTTP/1.1\r\n${head}\r\n\r\n`,
      );
      expect(answer).toMatch(/^(HTTP\/1.1 4(00|31) |$)/);
    }
  });
});

describe("headers that come twice", () => {
  const ask = (...headers: string[]): Promise<string> =>
    rawAnswer(
      running.port,
      lines("GET /v1/streams HTTP/1.1", "host: x", "connection: close", ...headers),
    );
  test("two basins are no basin", async () => {
    const answer = await ask(`s2-basin: ${BASIN}`, "s2-basin: other-basin");
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*bad_header/);
  });

  test("two formats, two keys and two tokens of a request are refused", async () => {
    const path = "/v1/streams/canary/records";
    for (const twice of ["s2-format: raw", `s2-encryption-key: ${"A".repeat(43)}=`]) {
      const answer = await rawAnswer(
        running.port,
        lines(
          `GET ${path}?seq_num=0 HTTP/1.1`,
          "host: x",
          "connection: close",
          `s2-basin: ${BASIN}`,
          twice,
          twice,
        ),
      );
      expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*bad_header/);
    }
  });

  test("an unnamed host is refused, as HTTP/1.1 asks", async () => {
    expect(await rawAnswer(running.port, lines("GET /health HTTP/1.1"))).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("floods on one connection", () => {
  test("pipelined requests are answered in order, as fast as the client reads", async () => {
    using socket = await RawSocket.open(running.port);
    const count = 5000;
    const one = lines("GET /health HTTP/1.1", "host: x");
    await socket.send(one.repeat(count - 1));
    await socket.send(lines("GET /health HTTP/1.1", "host: x", "connection: close"));
    const answer = await socket.exhaust();
    expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(count);
  });

  test.each([
    ["few but long", Array.from({ length: 20 }, (_, at) => `x-${at}: ${"y".repeat(10_000)}`)],
    ["many but short", Array.from({ length: 20_000 }, (_, at) => `x-${at}: y`)],
    ["one without end", [`x: ${"y".repeat(500_000)}`]],
  ])("headers that are %s are refused with 431 or a closed connection", async (_, headers) => {
    const answer = await rawAnswer(
      running.port,
      lines("GET /health HTTP/1.1", "host: x", ...headers),
    );
    expect(answer).toMatch(/^(HTTP\/1.1 431 [\s\S]*"code":"bad_header"|$)/);
  });

  test("empty lines before a request do not go on for ever", async () => {
    using socket = await RawSocket.open(running.port);
    let sent = 0;
    while (sent < 64 && (await socket.send("\r\n".repeat(100_000)))) sent++;
    await socket.send(lines("GET /health HTTP/1.1", "host: x", "connection: close"));
    expect(await socket.exhaust()).toMatch(/^(HTTP\/1.1 (200|408|431) |$)/);
  });
});
