// Codes that need a server in trouble: draining, a broken or a buggy store, too much to hold, clients
// that are slow, too fast, or gone.

import { request } from "node:http";
import { expect } from "vitest";
import { createMemoryStorage } from "../../src/storage/memory/memory.js";
import type { Storage } from "../../src/storage/storage.js";
import { inputFrame, openS2s } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";
import type { Recorder } from "./recorder.js";
import { ask, type Walk } from "./walk.js";

const basin = "trouble-basin";
const path = "/v1/streams/s/records";
const record = { basin, json: { records: [{ body: "x" }] } };

async function walkOn(running: TestServer, recorder: Recorder): Promise<Walk> {
  await call(running.url, "PUT", `/v1/basins/${basin}`);
  await call(running.url, "PUT", "/v1/streams/s", { basin });
  return { url: running.url, recorder };
}

export async function walkDraining(recorder: Recorder): Promise<void> {
  const running = await startServer({ drainGraceMs: 100 });
  await walkOn(running, recorder);
  const session = await openS2s(running.url, "h2", { method: "POST", path, basin });
  session.send(inputFrame(["accepted"]));
  expect(await session.next()).toMatchObject({ kind: "message" });
  const closing = running.server.close();
  const end = await session.next();
  if (end?.kind !== "terminal") throw new Error("expected a terminal frame");
  recorder.failed("s2s terminal", end.status, end.json, "append");
  expect(end.json).toMatchObject({ code: "server_draining" });
  await closing;
}

export async function walkBrokenStore(recorder: Recorder): Promise<void> {
  const storage = createMemoryStorage();
  const running = await startServer({}, { storage });
  const walk = await walkOn(running, recorder);
  storage.fail(new Error("the medium broke"));
  await ask(walk, "storage", "POST", path, record);
  await running.server.close();
}

/** A store with a bug: nothing of its words may reach the client. */
export async function walkBuggyStore(recorder: Recorder): Promise<void> {
  const engine = createMemoryStorage();
  const storage: Storage = new Proxy(engine, {
    get(target, name) {
      if (name === "read") return () => Promise.reject(new TypeError("secret detail"));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const running = await startServer({}, { storage });
  const walk = await walkOn(running, recorder);
  await ask(walk, 200, "POST", path, record);
  const { text } = await ask(walk, "other", "GET", `${path}?seq_num=0`, { basin });
  expect(text).not.toContain("secret detail");
  await running.server.close();
}

interface OpenBody {
  readonly answer: Promise<readonly [number, unknown]>;
  readonly drop: () => void;
}

/** Starts a request whose body never ends; resolves once the server has begun to read it. */
function openBody(url: string, bytes: number): Promise<OpenBody> {
  const asking = request(url + path, {
    method: "POST",
    agent: false,
    headers: {
      "s2-basin": basin,
      "content-type": "application/json",
      expect: "100-continue",
    },
  });
  const answer = new Promise<readonly [number, unknown]>((resolve, reject) => {
    asking.on("error", reject);
    asking.once("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.once("end", () => resolve([response.statusCode ?? 0, JSON.parse(text)]));
    });
  });
  answer.catch(() => undefined);
  return new Promise((resolve) => {
    asking.once("continue", () => {
      asking.write(Buffer.alloc(bytes, " "));
      resolve({ answer, drop: () => asking.destroy() });
    });
    asking.flushHeaders();
  });
}

export async function walkSlowBody(recorder: Recorder): Promise<void> {
  const running = await startServer({ bodyTimeoutMs: 50 });
  await walkOn(running, recorder);
  const { answer, drop } = await openBody(running.url, 10);
  const [status, body] = await answer;
  recorder.failed("http", status, body, "append");
  expect(body).toMatchObject({ code: "request_timeout" });
  drop();
  await running.server.close();
}

export async function walkTooMuch(recorder: Recorder): Promise<void> {
  const running = await startServer({ maxHeldBytes: 32 * 1024 * 1024 });
  await walkOn(running, recorder);
  const bodies = await Promise.all(
    Array.from({ length: 4 }, () => openBody(running.url, 8_000_000)),
  );
  const [status, body] = await Promise.race(bodies.map(({ answer }) => answer));
  recorder.failed("http", status, body, "append");
  expect(body).toMatchObject({ code: "hot_server" });
  for (const { drop } of bodies) drop();
  await running.server.close();
}

export async function walkTooFast(recorder: Recorder): Promise<void> {
  const running = await startServer({ limits: { perStream: { appendBatchesPerSec: 0.001 } } });
  const walk = await walkOn(running, recorder);
  await ask(walk, 200, "POST", path, record);
  await ask(walk, "rate_limited", "POST", path, record);
  await running.server.close();
}

/** 499 never reaches a client: there is none. The request log has it. */
export async function walkHangup(recorder: Recorder): Promise<void> {
  const answered: { status?: number }[] = [];
  const note = (fields: object): void => void answered.push(fields);
  const running = await startServer({}, { logger: { info: note, warn: note, error: note } });
  await walkOn(running, recorder);
  const { drop } = await openBody(running.url, 10);
  drop();
  await expect.poll(() => answered.some(({ status }) => status === 499)).toBe(true);
  recorder.failed("request log", 499, { code: "client_hangup" }, "append");
  await running.server.close();
}
