// Live batches on their way to many followers over real sockets: whatever carries them, whatever their
// size, and however slow a client is, each gets the same records in order, framed as it is to be.

import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { decodeReadBatch, type ReadBatch } from "@s2kit/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { nodeFrameCodec } from "../../src/session/frame-codec.js";
import { openThings } from "../../src/testing/ledger.js";
import { batchOf, openS2s, type Received } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const BASIN = "shared-output-basin";
/** Around what is joined to one part, and around the lengths of WebSocket frames. */
const SIZES = [1, 60, 100, 1000, 16_300, 65_480, 65_520, 200_000];

let node: TestServer;
let streams = 0;
beforeAll(async () => {
  node = await startServer();
  await call(node.url, "PUT", `/v1/basins/${BASIN}`);
});
afterAll(() => node.server.close());

async function newStream(): Promise<string> {
  const stream = `s${++streams}`;
  await call(node.url, "PUT", `/v1/streams/${stream}`, { basin: BASIN });
  return stream;
}

async function append(stream: string, body: string): Promise<void> {
  const json = { records: [{ body }] };
  const path = `/v1/streams/${stream}/records`;
  expect((await call(node.url, "POST", path, { basin: BASIN, json })).status).toBe(200);
}

const bodyOf = (size: number): string => randomBytes(size).toString("hex").slice(0, size);

/** Everything that comes on a bare socket after this request line. */
async function bare(path: string, version: string): Promise<{ socket: Socket; text(): string }> {
  const { hostname, port } = new URL(node.url);
  const socket = connect({ host: hostname, port: Number(port) });
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.write(
    `GET ${path} HTTP/${version}\r\nhost: x\r\naccept: text/event-stream\r\ns2-basin: ${BASIN}\r\n\r\n`,
  );
  await expect.poll(() => text).toContain("event: ping");
  return { socket, text: () => text };
}

/** Takes a chunked body apart, strictly. */
function unchunked(response: string): string {
  let rest = response.slice(response.indexOf("\r\n\r\n") + 4);
  let body = "";
  while (rest.length > 0) {
    const [digits = ""] = rest.split("\r\n", 1);
    expect(digits).toMatch(/^[0-9a-f]+$/i);
    const start = digits.length + 2;
    const end = start + Number.parseInt(digits, 16);
    expect(rest.slice(end, end + 2)).toBe("\r\n");
    body += rest.slice(start, end);
    rest = rest.slice(end + 2);
  }
  return body;
}

const bodiesOf = (events: string): string[] =>
  [...events.matchAll(/"body":"([0-9a-f]*)"/g)].map(([, body]) => body as string);

async function batchIn(frame: Received | undefined): Promise<ReadBatch> {
  if (frame?.kind !== "message" || frame.compression === "none") return batchOf(frame);
  return decodeReadBatch(await nodeFrameCodec.decompress("zstd", frame.body, 4 * 1024 * 1024));
}

test.each(["h1", "h2"] as const)("S2S over %s gets every size of frame", async (version) => {
  const stream = await newStream();
  const path = `/v1/streams/${stream}/records`;
  const plain = await openS2s(node.url, version, { method: "GET", path, basin: BASIN });
  const zipped = await Promise.all(
    [1, 2].map(() =>
      openS2s(node.url, version, {
        method: "GET",
        path,
        basin: BASIN,
        headers: { "accept-encoding": "zstd" },
      }),
    ),
  );
  const sessions = [plain, ...zipped];
  for (const session of sessions) await session.next();
  for (const size of SIZES) {
    const body = bodyOf(size);
    await append(stream, body);
    for (const session of sessions) {
      const [record] = (await batchIn(await session.next())).records;
      expect(Buffer.from(record?.body ?? []).toString()).toBe(body);
    }
  }
  for (const session of sessions) session.reset();
});

test("a WebSocket gets every size of frame, each as one message", async () => {
  const stream = await newStream();
  const url = `${node.url.replace("http", "ws")}/v1/streams/${stream}/records?basin=${BASIN}&mode=read`;
  const socket = new WebSocket(url, "s2s.v1");
  const messages: Buffer[] = [];
  socket.on("message", (data: Buffer) => messages.push(data));
  await expect.poll(() => messages.length).toBe(1);
  for (const [index, size] of SIZES.entries()) {
    const body = bodyOf(size);
    await append(stream, body);
    await expect.poll(() => messages.length).toBe(index + 2);
    expect(messages.at(-1)?.includes(body)).toBe(true);
  }
  socket.close();
});

test("SSE followers that began at different times get their own ids and the same data", async () => {
  const stream = await newStream();
  const path = `/v1/streams/${stream}/records`;
  const first = await bare(path, "1.1");
  const bodies = SIZES.map(bodyOf);
  await append(stream, bodies[0] as string);
  const second = await bare(path, "1.1");
  const old = await bare(path, "1.0");
  for (const body of bodies.slice(1)) await append(stream, body);
  await expect.poll(() => bodiesOf(first.text()).length).toBe(bodies.length);
  await expect.poll(() => bodiesOf(second.text()).length).toBe(bodies.length - 1);
  await expect.poll(() => bodiesOf(old.text()).length).toBe(bodies.length - 1);
  const countsOf = (events: string): number[] =>
    [...events.matchAll(/^id: \d+,(\d+),\d+$/gm)].map(([, count]) => Number(count));
  expect(bodiesOf(unchunked(first.text()))).toEqual(bodies);
  expect(bodiesOf(unchunked(second.text()))).toEqual(bodies.slice(1));
  expect(bodiesOf(old.text())).toEqual(bodies.slice(1));
  expect(old.text().split("\r\n\r\n")[1]).not.toContain("\r");
  expect(countsOf(unchunked(first.text()))).toEqual(bodies.map((_, index) => index + 1));
  expect(countsOf(unchunked(second.text()))).toEqual(bodies.slice(1).map((_, index) => index + 1));
  for (const { socket } of [first, second, old]) socket.destroy();
});

test("what a client does not take counts until it does, and none of it is lost or repeated", async () => {
  const stream = await newStream();
  const slow = await bare(`/v1/streams/${stream}/records`, "1.1");
  slow.socket.pause();
  const bodies = Array.from({ length: 60 }, () => bodyOf(200_000));
  // The kind of whoever pinned a buffer first is the one that it counts for.
  const held = (): number => {
    const things = openThings(node.server);
    return ["answers", "followers", "reads"].reduce(
      (sum, kind) => sum + (things[`bytes held for ${kind}`] ?? 0),
      0,
    );
  };
  for (const body of bodies) await append(stream, body);
  await expect.poll(held).toBeGreaterThan(200_000);
  // Bounded: the rest waits in storage.
  expect(held()).toBeLessThan(8 * 1024 * 1024);
  slow.socket.resume();
  await expect.poll(() => bodiesOf(slow.text()).length, { timeout: 10_000 }).toBe(bodies.length);
  expect(bodiesOf(unchunked(slow.text()))).toEqual(bodies);
  for (const kind of ["answers", "followers", "reads"])
    await expect.poll(() => openThings(node.server)[`bytes held for ${kind}`] ?? 0).toBe(0);
  slow.socket.destroy();
});

test("a follower that vanishes in the middle of a live batch leaves nothing behind", async () => {
  const stream = await newStream();
  const followers = await Promise.all(
    Array.from({ length: 5 }, () => bare(`/v1/streams/${stream}/records`, "1.1")),
  );
  const appended = append(stream, bodyOf(1000));
  for (const { socket } of followers) socket.destroy();
  await appended;
  await append(stream, bodyOf(1000));
  await expect.poll(() => openThings(node.server)["bytes held for answers"] ?? 0).toBe(0);
  await expect.poll(() => openThings(node.server)["bytes held for followers"] ?? 0).toBe(0);
});
