// Requests within the process: the caller hangs up as with the global fetch, and nothing stays.

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Exchange } from "../../src/exchange/exchange.js";
import { handleRequest } from "../../src/http/web-handler.js";
import { createServer } from "../../src/index.js";
import { inputFrame } from "../support/s2s-client.js";
import { startServer, type TestServer } from "../support/test-server.js";

const basin = "within-process-basin";
const RECORDS = "/v1/streams/s/records";
const S2S = { "content-type": "s2s/proto" };
const LEFT = new Error("the caller left");

let running: TestServer;
beforeAll(async () => {
  running = await startServer();
  for (const path of [`/v1/basins/${basin}`, "/v1/streams/s"])
    expect((await ask(path, { method: "PUT" })).status).toBe(201);
});
afterAll(() => running.server.close());

function ask(path: string, init: RequestInit & { duplex?: "half" } = {}): Promise<Response> {
  const headers = { "s2-basin": basin, ...(init.headers as Record<string, string>) };
  return running.server.fetch(new Request(`http://s2${path}`, { ...init, headers }));
}

async function expectNothingOpen(): Promise<void> {
  await vi.waitFor(() => expect(running.left()).toEqual({}));
}

/** A body that never ends by itself, and tells when nobody wants it any more. */
function endless(first?: Uint8Array): { body: ReadableStream<Uint8Array>; reason: () => unknown } {
  let reason: unknown;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (first !== undefined) controller.enqueue(first);
    },
    cancel(why) {
      reason = why;
    },
  });
  return { body, reason: () => reason };
}

async function tail(): Promise<number> {
  const answer = (await (await ask(`${RECORDS}/tail`)).json()) as { tail: { seq_num: number } };
  return answer.tail.seq_num;
}

describe("a caller that aborts", () => {
  test("before the request begins: nothing of it takes effect", async () => {
    const before = await tail();
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ records: [{ body: "x" }] });
    const append = ask(RECORDS, { method: "POST", headers, body, signal: AbortSignal.abort(LEFT) });
    await expect(append).rejects.toBe(LEFT);
    expect(await tail()).toBe(before);
    await expectNothingOpen();
  });

  test("before the server is open: it stays closed, or the request has no effect", async () => {
    const own = createServer();
    const make = (signal?: AbortSignal): Promise<Response> =>
      own.fetch(
        new Request(`http://s2/v1/basins/${basin}`, { method: "PUT", signal: signal ?? null }),
      );
    await expect(make(AbortSignal.abort(LEFT))).rejects.toBe(LEFT);
    expect(own.status).toBe("new");
    const caller = new AbortController();
    const making = make(caller.signal);
    caller.abort(LEFT);
    await expect(making).rejects.toBe(LEFT);
    expect((await make()).status).toBe(201);
    await own.close();
  });

  test("a long poll: the call rejects with its reason", async () => {
    const caller = new AbortController();
    const poll = ask(`${RECORDS}?seq_num=${await tail()}&wait=60`, { signal: caller.signal });
    await vi.waitFor(() => expect(running.left()).toMatchObject({ followers: 1 }));
    caller.abort(LEFT);
    await expect(poll).rejects.toBe(LEFT);
    await expectNothingOpen();
  });

  test("an SSE body: whoever reads it learns the reason", async () => {
    const caller = new AbortController();
    const sse = await ask(`${RECORDS}?tail_offset=0`, {
      headers: { accept: "text/event-stream" },
      signal: caller.signal,
    });
    const reader = (sse.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const next = reader.read();
    caller.abort(LEFT);
    await expect(next).rejects.toBe(LEFT);
    await expectNothingOpen();
  });

  test.each([
    ["a single append", { "content-type": "application/json" }, Buffer.from('{"records":[')],
    ["an append session", S2S, inputFrame(["cut"]).subarray(0, 5)],
  ])("%s in the middle of its body: the cut body is none", async (_, headers, part) => {
    const before = await tail();
    const caller = new AbortController();
    const { body, reason } = endless(part);
    const asked = ask(RECORDS, {
      method: "POST",
      headers,
      body,
      duplex: "half",
      signal: caller.signal,
    });
    asked.catch(() => undefined);
    await vi.waitFor(() => expect(running.left()).toMatchObject({ exchanges: 1 }));
    caller.abort(LEFT);
    await expectNothingOpen();
    expect([reason(), await tail()]).toEqual([LEFT, before]);
  });
});

describe("a response that is cancelled", () => {
  test("ends its append session, and gives the request body back", async () => {
    const { body, reason } = endless();
    const session = await ask(RECORDS, { method: "POST", headers: S2S, body, duplex: "half" });
    expect(running.left()).toMatchObject({ sessions: 1, leases: 1 });
    await session.body?.cancel(LEFT);
    await expectNothingOpen();
    expect(reason()).toBe(LEFT);
  });

  test("ends its read session", async () => {
    const session = await ask(`${RECORDS}?tail_offset=0`, { headers: S2S });
    expect(running.left()).toMatchObject({ sessions: 1 });
    await session.body?.cancel();
    await expectNothingOpen();
  });
});

test("a request body whose source fails is no whole body", async () => {
  const before = await tail();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(inputFrame(["cut"]).subarray(0, 5));
    },
    pull: (controller) => controller.error(LEFT),
  });
  const session = await ask(RECORDS, { method: "POST", headers: S2S, body, duplex: "half" });
  await session.body?.cancel();
  await expectNothingOpen();
  expect(await tail()).toBe(before);
});

test("a body above the bound is not pulled to its end", async () => {
  let pulled = 0;
  let isCancelled = false;
  const piece = new Uint8Array(64 * 1024).fill(0x20);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += piece.length;
      if (pulled > 512 * 1024 * 1024) controller.close();
      else controller.enqueue(piece);
    },
    cancel() {
      isCancelled = true;
    },
  });
  const headers = { "content-type": "application/json" };
  const answer = await ask(RECORDS, { method: "POST", headers, body, duplex: "half" });
  expect(answer.status).toBe(400);
  await answer.text();
  await expectNothingOpen();
  await vi.waitFor(() => expect(isCancelled).toBe(true));
  // The bound for a body of JSON is some megabytes.
  expect(pulled).toBeLessThan(32 * 1024 * 1024);
});

test("closing the server breaks off a response that nobody reads", async () => {
  const own = await startServer({ drainGraceMs: 20 });
  const send = (path: string, init: RequestInit): Promise<Response> => {
    const headers = { "s2-basin": basin, ...(init.headers as Record<string, string>) };
    return own.server.fetch(new Request(`http://s2${path}`, { ...init, headers }));
  };
  for (const path of [`/v1/basins/${basin}`, "/v1/streams/s"]) await send(path, { method: "PUT" });
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ records: [{ body: "x".repeat(900_000) }] });
  for (let i = 0; i < 4; i++) await send(RECORDS, { method: "POST", headers, body });
  const unread = await send(`${RECORDS}?seq_num=0`, { headers: S2S });
  await vi.waitFor(() => expect(own.left()).toMatchObject({ sessions: 1 }));
  await own.server.close();
  await expect(unread.arrayBuffer()).rejects.toMatchObject({ code: "client_hangup" });
});

test("a writer waits for a reader who does not read, and goes on when he does", async () => {
  let exchange: Exchange | undefined;
  const answered = handleRequest(new Request("http://s2/"), (got) => {
    exchange = got;
  });
  exchange?.respond(200, {});
  const piece = new Uint8Array(64 * 1024);
  let written = 0;
  while (written < 64 && exchange?.write([piece]) === true) written++;
  expect(written).toBeLessThan(64);
  let hasRoom = false;
  void exchange?.whenWritable().then(() => {
    hasRoom = true;
  });
  const reader = (await answered).body?.getReader();
  expect(hasRoom).toBe(false);
  for (let read = 0; read <= written; read++) await reader?.read();
  expect(hasRoom).toBe(true);
  await reader?.cancel();
});
