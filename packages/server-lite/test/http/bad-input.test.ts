// Hostile and broken requests on raw sockets: each gets a coded error or a closed connection,
// stores nothing, and leaves the server answering others.

import { connect, type Socket } from "node:net";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, startServer, type TestServer } from "../support/test-server.js";

const BASIN = "bad-input-basin";
const RECORDS = "/v1/streams/s/records";

let running: TestServer;
beforeAll(async () => {
  running = await startServer();
  await call(running.url, "PUT", `/v1/basins/${BASIN}`);
  await call(running.url, "PUT", "/v1/streams/s", { basin: BASIN });
});
afterAll(async () => {
  // Nothing of all this was stored.
  const { json } = await call(running.url, "GET", `${RECORDS}/tail`, { basin: BASIN });
  expect(json).toEqual({ tail: { seq_num: 0, timestamp: 0 } });
  await running.server.close();
});

/**
 * Sends bytes on a fresh connection and reads until the server closes it.
 *
 * @param isCutOff - end the connection behind the bytes
 */
function raw(bytes: string | Uint8Array, isCutOff = false): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(running.port, "127.0.0.1", () => {
      if (isCutOff) socket.end(bytes);
      else socket.write(bytes);
    });
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
}
function request(line: string, headers: readonly string[] = [], body = ""): string {
  return [`${line} HTTP/1.1`, "host: x", "connection: close", ...headers, "", body].join("\r\n");
}
const inBasin = `s2-basin: ${BASIN}`;
function post(path: string, type: string, body: string, more: readonly string[] = []): string {
  const headers = [inBasin, `content-type: ${type}`, `content-length: ${Buffer.byteLength(body)}`];
  return request(`POST ${path}`, [...headers, ...more], body);
}
const records = (json: string, more: readonly string[] = []): string =>
  post(RECORDS, "application/json", json, more);

describe("requests outside the API", () => {
  test.each([
    ["an unknown route", request("GET /v1/nope"), 404, "not_found"],
    ["the root", request("GET /"), 404, "not_found"],
    ["a path with empty segments", request("GET /v1//basins"), 404, "not_found"],
    ["a wrong method", request("PATCH /v1/basins"), 405, "method_not_allowed"],
    ["path traversal", request("GET /v1/streams/../../etc/passwd", [inBasin]), 404, "not_found"],
    ["dots that are encoded", request("GET /v1/streams/%2e%2e", [inBasin]), 400, "bad_path"],
    ["an empty stream name", request("GET /v1/streams/", [inBasin]), 404, "not_found"],
    ["a broken escape", request("GET /v1/streams/%zz", [inBasin]), 400, "bad_path"],
    ["an escape that is not UTF-8", request("GET /v1/streams/%ff", [inBasin]), 400, "bad_path"],
    ["a NUL in a name", request("GET /v1/streams/a%00b", [inBasin]), 400, "bad_path"],
    [
      "a name of 513 bytes",
      request(`GET /v1/streams/${"x".repeat(513)}`, [inBasin]),
      400,
      "bad_path",
    ],
    ["no basin", request("GET /v1/streams"), 400, "bad_header"],
    ["an empty basin", request("GET /v1/streams", ["s2-basin: "]), 400, "bad_header"],
    [
      "a basin in upper case",
      request("GET /v1/streams", ["s2-basin: Upper-case"]),
      400,
      "bad_header",
    ],
    ["a bad basin in the path", request("GET /v1/basins/short"), 400, "bad_path"],
    ["a bad prefix", request("GET /v1/basins?prefix=-x"), 400, "bad_query"],
    ["a limit that is no number", request("GET /v1/basins?limit=-1"), 400, "bad_query"],
  ])("%s is refused with %i", async (_, bytes, status, code) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain("content-type: application/json");
    expect(answer).toContain(`"code":"${code}"`);
  });
});

describe("bodies of unary appends", () => {
  const big = JSON.stringify({ records: [{ body: "x".repeat(1_048_577) }] });
  test.each([
    [
      "no content type",
      request(`POST ${RECORDS}`, [inBasin, "content-length: 2"], "{}"),
      400,
      "bad_json",
    ],
    ["a foreign content type", post(RECORDS, "text/plain", "{}"), 400, "bad_json"],
    ["the old protobuf type", post(RECORDS, "application/proto", ""), 400, "bad_json"],
    ["truncated JSON", records('{"records":[{"body":"x'), 400, "bad_json"],
    ["an empty body", records(""), 400, "bad_json"],
    ["no records", records("{}"), 400, "bad_json"],
    ["null records", records('{"records":null}'), 400, "bad_json"],
    ["an empty list", records('{"records":[]}'), 422, "invalid"],
    ["a null body", records('{"records":[{"body":null}]}'), 400, "bad_json"],
    [
      "headers as objects",
      records('{"records":[{"headers":[{"name":"a","value":"b"}]}]}'),
      400,
      "bad_json",
    ],
    ["a negative match", records('{"records":[{}],"match_seq_num":-1}'), 400, "bad_json"],
    ["a fraction", records('{"records":[{"timestamp":1.5}]}'), 400, "bad_json"],
    ["a giant number", records(`{"records":[{"timestamp":1${"0".repeat(400)}}]}`), 400, "bad_json"],
    ["a number as text", records('{"records":[{"timestamp":"1"}]}'), 400, "bad_json"],
    ["depth", records("[".repeat(100_000)), 400, "bad_json"],
    [
      "a long fencing token",
      records(`{"records":[{}],"fencing_token":"${"x".repeat(37)}"}`),
      400,
      "bad_json",
    ],
    ["a record above 1 MiB", records(big), 422, "invalid"],
    ["1001 records", records(JSON.stringify({ records: Array(1001).fill({}) })), 422, "invalid"],
    ["an unknown command", records('{"records":[{"headers":[["","nope"]]}]}'), 422, "invalid"],
    [
      "an empty header name",
      records('{"records":[{"headers":[["","fence"],["x","y"]]}]}'),
      422,
      "invalid",
    ],
    ["a short trim", records('{"records":[{"headers":[["","trim"]],"body":"1"}]}'), 422, "invalid"],
    ["an unknown format", records('{"records":[{}]}', ["s2-format: utf8"]), 400, "bad_header"],
    ["bad base64", records('{"records":[{"body":"*"}]}', ["s2-format: base64"]), 422, "invalid"],
    ["an empty key", records('{"records":[{}]}', ["s2-encryption-key:  "]), 400, "bad_header"],
    [
      "a long key",
      records('{"records":[{}]}', [`s2-encryption-key: ${"A".repeat(45)}`]),
      400,
      "bad_header",
    ],
    [
      "a bad stream config",
      records('{"records":[{}]}', ["s2-stream-config: {"]),
      400,
      "bad_header",
    ],
    [
      "truncated protobuf",
      post(RECORDS, "application/protobuf", "\u000a\u0010abc"),
      400,
      "bad_proto",
    ],
    ["an empty protobuf", post(RECORDS, "application/x-protobuf", ""), 422, "invalid"],
    ["a wrong match", records('{"records":[{}],"match_seq_num":7}'), 412, undefined],
    ["a wrong fence", records('{"records":[{}],"fencing_token":"t"}'), 412, undefined],
    ["an unknown encoding", records("{}", ["content-encoding: br"]), 415, "unsupported_media_type"],
    ["a body that is not gzip", records("{}", ["content-encoding: gzip"]), 400, "bad_json"],
  ])("%s is refused with %i", async (_, bytes, status, code) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain("content-type: application/json");
    if (code !== undefined) expect(answer).toContain(`"code":"${code}"`);
  });

  test.each(["gzip", "zstd"] as const)(
    "a %s bomb is refused before it is inflated",
    async (encoding) => {
      const zeros = Buffer.alloc(64 * 1024 * 1024, " ");
      const body = encoding === "gzip" ? gzipSync(zeros) : zstdCompressSync(zeros);
      const { status, json } = await call(running.url, "POST", RECORDS, {
        basin: BASIN,
        headers: { "content-type": "application/json", "content-encoding": encoding },
        body,
      });
      expect([status, json.code]).toEqual([400, "bad_json"]);
    },
  );

  test("a body above 8 MiB is refused while it arrives", async () => {
    const { status, json } = await call(running.url, "POST", RECORDS, {
      basin: BASIN,
      headers: { "content-type": "application/json" },
      body: new Uint8Array(9 * 1024 * 1024),
    });
    expect([status, json.code]).toEqual([400, "bad_json"]);
  });

  test("a body that stops half way stores nothing", async () => {
    await raw(
      request(
        `POST ${RECORDS}`,
        [inBasin, "content-type: application/json", "content-length: 100"],
        '{"rec',
      ),
      true,
    );
    expect((await call(running.url, "GET", "/health")).text).toBe("OK");
  });
});

describe("a read that is wrong in several ways fails by the first check", () => {
  const badKey = `s2-encryption-key: ${"A".repeat(45)}`;
  const badFormat = "s2-format: utf8";
  const twoStarts = "seq_num=1&timestamp=2";
  test.each([
    ["basin, then path", request("GET /v1/streams/%2e/records"), 400, "bad_header"],
    [
      "path, then query",
      request("GET /v1/streams/%2e/records?count=x", [inBasin]),
      400,
      "bad_path",
    ],
    ["query, then key", request(`GET ${RECORDS}?count=x`, [inBasin, badKey]), 400, "bad_query"],
    [
      "key, then start",
      request(`GET ${RECORDS}?${twoStarts}`, [inBasin, badKey]),
      400,
      "bad_header",
    ],
    [
      "format, then start",
      request(`GET ${RECORDS}?${twoStarts}`, [inBasin, badFormat]),
      400,
      "bad_header",
    ],
    [
      "start, then stream",
      request(`GET /v1/streams/nope/records?${twoStarts}`, [inBasin]),
      422,
      "invalid",
    ],
  ])("%s", async (_, bytes, status, code) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
  });
});

describe("bytes that are not HTTP", () => {
  test.each([
    ["noise", "\u0000\u0001\u0002\u0003 garbage\r\n\r\n"],
    ["a method that does not exist", "FOO / HTTP/1.1\r\nhost: x\r\n\r\n"],
    ["a space in the path", "GET /a b HTTP/1.1\r\nhost: x\r\n\r\n"],
    [
      "two lengths",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
    ],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
  ])("%s is answered with 400 and a code", async (_, bytes) => {
    expect(await raw(bytes)).toMatch(/^HTTP\/1.1 400 [\s\S]*"code":"bad_header"/);
  });

  test("a flood of headers is answered with 431 or a closed connection", async () => {
    const flood = Array.from({ length: 3000 }, (_, i) => `x-${i}: ${"y".repeat(40)}`);
    expect(await raw(request("GET /health", flood))).toMatch(/^(HTTP\/1.1 431 |$)/);
  });

  test.each([
    ["a broken preface", "PRI * HTTP/1.1\r\n\r\nnope"],
    [
      "a preface and noise",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff",
    ],
    ["a lonely P", "P"],
  ])("%s closes the connection", async (_, bytes) => {
    await raw(Buffer.from(bytes, "latin1"), true);
    expect((await call(running.url, "GET", "/ping")).status).toBe(200);
  });
});

test("pipelined requests and a preface in pieces are understood", async () => {
  const both =
    request("GET /health", []).replace("connection: close\r\n", "") + request("GET /ping");
  const answer = await raw(both);
  expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(2);
});

test("HEAD answers as GET without a body", async () => {
  const { status, text, headers } = await call(running.url, "HEAD", "/v1/basins");
  expect([status, text]).toEqual([200, ""]);
  expect(Number(headers.get("content-length"))).toBeGreaterThan(10);
});
