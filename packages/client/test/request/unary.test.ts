// Single requests on real sockets: what is sent, what is retried, what comes back. Numbers in comments
// are recorded defects in tests/sdk/test/defects.test.ts.

import { gzipSync } from "node:zlib";
import { deferred } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import {
  AppendInput,
  AppendRecord,
  FencingTokenMismatchError,
  RangeNotSatisfiableError,
  S2Error,
  SeqNumMismatchError,
} from "../../src/index.node.js";
import type { PeerExchange } from "../../src/testing/peer-exchange.js";
import { failureOf, peer, stream } from "../harness/client.js";

const INPUT = AppendInput.create([AppendRecord.string({ body: "a" })]);
const OK_TAIL = { tail: { seq_num: 3, timestamp: 4 } };

function tail(exchange: PeerExchange): void {
  exchange.json(200, OK_TAIL);
}

describe("a single request", () => {
  it.each([
    [{ code: "unavailable", message: "later" }, 503],
    [{ code: "rate_limited", message: "later" }, 429],
    [{ code: "transaction_conflict", message: "later" }, 409],
    ["<html>502</html>", 502],
    ["", 500],
  ])("is tried again after %j", async (body, status) => {
    const server = await peer();
    server.next((exchange) =>
      exchange.respond(status, typeof body === "string" ? body : JSON.stringify(body)),
    );
    server.always(tail);
    expect(await stream(server.url).checkTail()).toEqual({ tail: { seqNum: 3, timestamp: 4 } });
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    [{ code: "authn", message: "no" }, 401], // 49
    [{ code: "permission_denied", message: "no" }, 403],
    [{ code: "stream_not_found", message: "no" }, 404],
    [{ code: "resource_already_exists", message: "no" }, 409],
    [{ code: "invalid", message: "no" }, 422],
    [{ code: "unavailable", message: "a known code under a foreign status" }, 500],
    ['"a string"', 400], // 28
    ["null", 404], // 28
  ])("is final after %j (28, 49)", async (body, status) => {
    const server = await peer();
    server.always((exchange) =>
      exchange.respond(status, typeof body === "string" ? body : JSON.stringify(body)),
    );
    expect(await failureOf(stream(server.url).checkTail())).toMatchObject({ status, attempts: 1 });
    expect(server.requests).toHaveLength(1);
  });

  it("surfaces the last error itself when attempts run out, with their number (50)", async () => {
    const server = await peer();
    server.always((exchange) => exchange.json(503, { code: "unavailable", message: "no" }));
    const failure = await failureOf(stream(server.url, { retry: { maxAttempts: 4 } }).checkTail());
    expect(failure).toBeInstanceOf(S2Error);
    expect(failure).toMatchObject({ code: "unavailable", status: 503, attempts: 4 });
    expect(server.requests).toHaveLength(4);
  });

  it("is tried again when the connection breaks or is refused (60, 61)", async () => {
    const server = await peer();
    server.next((exchange) => exchange.cutConnection());
    server.always(tail);
    await stream(server.url).checkTail();
    await server.close();
    expect(await failureOf(stream(server.url).checkTail())).toMatchObject({
      code: "CONNECTION_FAILED",
      hasNoSideEffects: true,
      attempts: 3,
    });
  });

  it("waits at least as long as the server asks (H-21)", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    const retry = deferred<{ delayMillis: number }>();
    server.next((exchange) =>
      exchange.json(429, { code: "rate_limited", message: "" }, { "retry-after-ms": "7000" }),
    );
    server.always(tail);
    const pending = stream(
      server.url,
      {},
      { clock, hooks: { onRetry: (event) => retry.resolve(event) } },
    ).checkTail();
    expect((await retry.promise).delayMillis).toBe(7000);
    await clock.advanceAsync(6999);
    expect(server.requests).toHaveLength(1);
    await clock.advanceAsync(1);
    await pending;
  });

  it("is bounded by the request timeout on each try, and leaves no timer (H-3, 79, 59)", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    const first = deferred<undefined>();
    server.next(() => first.resolve(undefined));
    server.always(tail);
    const pending = stream(server.url, {}, { clock }).checkTail();
    await first.promise;
    await clock.advanceAsync(5000);
    await clock.advanceAsync(10);
    await pending;
    expect(server.requests).toHaveLength(2);
    expect(clock.liveTimers).toEqual([]);
  });

  it("gives a long poll its wait on top of the timeout", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    const arrived = deferred<PeerExchange>();
    server.next((exchange) => arrived.resolve(exchange));
    const pending = stream(server.url, {}, { clock }).read({ stop: { waitSecs: 30 } });
    const exchange = await arrived.promise;
    await clock.advanceAsync(34_000);
    exchange.respond(200, new Uint8Array(0), { "content-type": "application/protobuf" });
    expect(await pending).toEqual({ records: [] });
  });

  it("stops at once when its signal fires, during a try and during a wait (30, 72)", async () => {
    const server = await peer();
    const controller = new AbortController();
    const arrived = deferred<undefined>();
    server.next(() => arrived.resolve(undefined));
    const pending = failureOf(stream(server.url).checkTail({ signal: controller.signal }));
    await arrived.promise;
    controller.abort(new Error("reason"));
    expect(await pending).toMatchObject({ code: "ABORTED", cause: { message: "reason" } });
    const waiting = new AbortController();
    const retrying = deferred<unknown>();
    server.always((exchange) => exchange.respond(503));
    const clock = createSimulatedClock();
    const hooks = { onRetry: (event: unknown) => retrying.resolve(event) };
    const second = failureOf(
      stream(server.url, {}, { clock, hooks }).checkTail({ signal: waiting.signal }),
    );
    await retrying.promise;
    waiting.abort();
    expect(await second).toMatchObject({ code: "ABORTED" });
    expect(clock.liveTimers).toEqual([]);
  });

  it("does not send anything for a signal that fired before", async () => {
    const server = await peer();
    server.always(tail);
    const signal = AbortSignal.abort();
    expect(await failureOf(stream(server.url).checkTail({ signal }))).toMatchObject({
      code: "ABORTED",
    });
    expect(server.requests).toHaveLength(0);
  });

  it("asks for a fresh token once when the old one is refused, at no charge", async () => {
    const server = await peer();
    const asked: (string | undefined)[] = [];
    const provider = (rejected?: string): string => {
      asked.push(rejected);
      return `token-${asked.length}`;
    };
    server.always((exchange) => {
      if (exchange.headers.authorization === "Bearer token-2") tail(exchange);
      else exchange.json(401, { code: "authn", message: "expired" });
    });
    const options = { accessToken: provider, retry: { maxAttempts: 1 } };
    const handle = stream(server.url, options);
    await Promise.all([handle.checkTail(), handle.checkTail()]);
    expect(asked).toEqual([undefined, "token-1"]);
    server.always((exchange) => exchange.json(401, { code: "authn", message: "no" }));
    expect(await failureOf(handle.checkTail())).toMatchObject({ code: "authn", status: 401 });
    expect(asked).toHaveLength(3);
  });

  it("keeps the status when the body of an error breaks off", async () => {
    const server = await peer();
    server.always((exchange) => {
      exchange.open({ "content-length": "100", "content-type": "application/json" }, 403);
      exchange.send("{");
      setImmediate(() => exchange.cutConnection());
    });
    expect(
      await failureOf(stream(server.url, { retry: { maxAttempts: 1 } }).checkTail()),
    ).toMatchObject({ code: "NETWORK_ERROR", status: 403 });
  });

  it("reads compressed error bodies, and at most 64 KiB of any", async () => {
    const server = await peer();
    server.next((exchange) =>
      exchange.respond(
        404,
        gzipSync(JSON.stringify({ code: "basin_not_found", message: "x".repeat(2000) })),
        { "content-encoding": "gzip" },
      ),
    );
    expect(await failureOf(stream(server.url).checkTail())).toMatchObject({
      code: "basin_not_found",
    });
    server.next((exchange) => exchange.respond(400, "y".repeat(1_000_000)));
    expect(await failureOf(stream(server.url).checkTail())).toMatchObject({ status: 400 });
  });

  it("sends the agent, the basin and the caller's headers", async () => {
    const server = await peer();
    server.always(tail);
    await stream(server.url, { headers: { "x-gateway": "1" } }).checkTail({
      headers: { "x-call": "2" },
    });
    expect(server.requests[0]?.headers).toMatchObject({
      "user-agent": expect.stringMatching(/^s2kit-client\//) as string, // 16
      "s2-basin": "test-basin",
      "x-gateway": "1",
      "x-call": "2",
    });
  });

  it("tells its agent in every runtime that may (16)", async () => {
    const server = await peer();
    server.always(tail);
    await stream(server.url, { userAgent: "mine/1" }).checkTail();
    expect(server.requests[0]?.headers["user-agent"]).toBe("mine/1");
  });

  it("fails with a typed error on a reply that is not what it should be", async () => {
    const server = await peer();
    server.always((exchange) => exchange.respond(200, "<html>"));
    expect(await failureOf(stream(server.url).checkTail())).toMatchObject({
      code: "PROTOCOL_ERROR",
      isRetryable: false,
    });
    server.always((exchange) => exchange.json(200, { tail: { seq_num: 2 ** 60, timestamp: 0 } }));
    expect(await failureOf(stream(server.url).checkTail())).toMatchObject({
      code: "UNSAFE_INTEGER", // 13
    });
  });
});

describe("a single read", () => {
  it("is exactly one request, and may be empty (32)", async () => {
    const server = await peer();
    server.always((exchange) =>
      exchange.respond(200, new Uint8Array(0), { "content-type": "application/protobuf" }),
    );
    const batch = await stream(server.url).read({
      start: { from: { seqNum: 0 } },
      ignoreCommandRecords: true,
    });
    expect(batch).toEqual({ records: [] });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      path: "/v1/streams/test%2Fstream/records?seq_num=0",
      headers: { accept: "application/protobuf" },
    });
  });

  it("gives the tail with a 416 (12)", async () => {
    const server = await peer();
    server.always((exchange) => exchange.json(416, OK_TAIL));
    const failure = await failureOf(stream(server.url).read());
    expect(failure).toBeInstanceOf(RangeNotSatisfiableError);
    expect(failure).toMatchObject({ tail: { seqNum: 3, timestamp: 4 } });
  });

  it.each([
    { start: { from: { seqNum: -1 } } },
    { start: { from: { timestamp: Number.NaN } } },
    { start: { from: { seqNum: 1, tailOffset: 1 } } },
    { stop: { limits: { count: Number.POSITIVE_INFINITY } } },
    { stop: { waitSecs: Number.NaN } },
  ])("refuses %j before any request (24)", async (input) => {
    const server = await peer();
    expect(await failureOf(stream(server.url).read(input))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(server.requests).toHaveLength(0);
  });
});

describe("a single append", () => {
  it("throws what a condition says", async () => {
    const server = await peer();
    server.next((exchange) => exchange.json(412, { seq_num_mismatch: 7 }));
    const mismatch = await failureOf(stream(server.url).append(INPUT));
    expect(mismatch).toBeInstanceOf(SeqNumMismatchError);
    expect(mismatch).toMatchObject({ expectedSeqNum: 7 });
    server.next((exchange) => exchange.json(412, { fencing_token_mismatch: "other" }));
    const fenced = await failureOf(stream(server.url).append(INPUT));
    expect(fenced).toBeInstanceOf(FencingTokenMismatchError);
    expect(fenced).toMatchObject({ expectedFencingToken: "other" });
  });

  it("is not repeated under noSideEffects after an unclear failure, matchSeqNum or not (26)", async () => {
    const server = await peer();
    server.always((exchange) => exchange.cutConnection());
    const handle = stream(server.url, { retry: { appendRetryPolicy: "noSideEffects" } });
    const input = { ...INPUT, matchSeqNum: 0 };
    expect(await failureOf(handle.append(input))).toMatchObject({ attempts: 1 });
    expect(server.requests).toHaveLength(1);
    server.always((exchange) => exchange.json(429, { code: "rate_limited", message: "" }));
    expect(await failureOf(handle.append(input))).toMatchObject({ attempts: 3 });
  });

  it("tells of an earlier unclear try when it ends in a mismatch", async () => {
    const server = await peer();
    server.next((exchange) => exchange.cutConnection());
    server.next((exchange) => exchange.json(412, { seq_num_mismatch: 1 }));
    expect(await failureOf(stream(server.url).append({ ...INPUT, matchSeqNum: 0 }))).toMatchObject({
      expectedSeqNum: 1,
      priorIndeterminate: { code: "NETWORK_ERROR" },
    });
  });

  it.each([
    ["no records", { records: [] }],
    ["too many records", { records: Array.from({ length: 1001 }, () => INPUT.records[0]) }],
    ["too many bytes", { records: [AppendRecord.bytes({ body: new Uint8Array(1_048_569) })] }],
    ["a long fencing token", { ...INPUT, fencingToken: "é".repeat(19) }],
    ["a negative matchSeqNum", { ...INPUT, matchSeqNum: -1 }],
    ["a fractional timestamp", { records: [{ ...INPUT.records[0], timestamp: 1.5 }] }],
  ])("with %s is refused before any request (24, 74)", async (_, input) => {
    const server = await peer();
    const failure = await failureOf(stream(server.url).append(input as AppendInput));
    expect(failure).toMatchObject({ code: "INVALID_ARGUMENT", attempts: undefined });
    expect(server.requests).toHaveLength(0);
  });

  it("may hold one record that fills the whole batch", () => {
    const body = new Uint8Array(AppendRecord.maxBodyBytes([["k", "v"]]));
    const record = AppendRecord.bytes({ body, headers: [["k", "v"]] });
    expect(AppendRecord.fits(record)).toBe(true);
    expect(AppendInput.create([record]).records).toHaveLength(1);
    expect(AppendRecord.fits({ ...record, body: new Uint8Array(body.length + 1) })).toBe(false);
  });

  it("measures a record as it is when it is sent, not as it was made (19)", () => {
    const record = AppendRecord.bytes({ body: new Uint8Array(8) });
    const grown = { ...record, body: new Uint8Array(1_048_569) };
    expect(() => AppendInput.create([grown])).toThrow("1048577");
  });
});
