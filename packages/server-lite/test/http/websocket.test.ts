// WebSocket sessions, as docs/protocol/websocket.md promises them, on real sockets.

import { createServer as createHttpServer } from "node:http";
import { type AddressInfo } from "node:net";
import {
  decodeAppendAck,
  decodeReadBatch,
  decodeUtf8Lossy,
  MEDIA_S2S,
  systemClock,
} from "@s2kit/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { BodyGuard } from "../../src/exchange/body-guard.js";
import type { Exchange } from "../../src/exchange/exchange.js";
import { createWebSocketDoor } from "../../src/http/websocket/websocket-door.js";
import { MemoryBudget } from "../../src/memory/memory-budget.js";
import { inputFrame } from "../support/s2s-client.js";
import { call, startServer, type TestServer } from "../support/test-server.js";

const basin = "websocket-basin";
let running: TestServer;
let serial = 0;
beforeAll(async () => {
  running = await startServer({ cors: { origins: ["https://app.example"] } });
  await call(running.url, "PUT", `/v1/basins/${basin}`);
});
afterAll(() => running.server.close());

async function fresh(): Promise<string> {
  const stream = `s${++serial}`;
  await call(running.url, "PUT", `/v1/streams/${stream}`, { basin });
  return stream;
}

interface Client {
  readonly socket: WebSocket;
  next(): Promise<Buffer>;
  readonly closed: Promise<number>;
}
interface ClientOptions {
  readonly protocols?: string[];
  readonly origin?: string;
}

function dial(stream: string, query: string, options: ClientOptions = {}): WebSocket {
  const url = `${running.url.replace("http", "ws")}/v1/streams/${stream}/records?basin=${basin}&${query}`;
  const { protocols = ["s2s.v1"], origin } = options;
  return new WebSocket(url, protocols, origin === undefined ? {} : { origin });
}

async function open(stream: string, query: string, options?: ClientOptions): Promise<Client> {
  const socket = dial(stream, query, options);
  const messages: Buffer[] = [];
  let wake: (() => void) | undefined;
  socket.on("message", (data: Buffer) => {
    messages.push(data);
    wake?.();
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return {
    socket,
    closed,
    async next() {
      while (messages.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return messages.shift() as Buffer;
    },
  };
}

/** The HTTP answer to an upgrade that is refused. */
function refused(socket: WebSocket): Promise<{ status: number; code: unknown }> {
  return new Promise((resolve, reject) => {
    socket.once("unexpected-response", (_, response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          code: (JSON.parse(text) as { code: unknown }).code,
        }),
      );
    });
    socket.once("error", reject);
  });
}

describe("append sessions", () => {
  test("acknowledge pipelined inputs in order, and close normally after the half close", async () => {
    const client = await open(await fresh(), "mode=append");
    client.socket.send(Buffer.concat([inputFrame(["a"]), inputFrame(["b", "c"])]));
    client.socket.send(inputFrame(["d"]));
    client.socket.send(new Uint8Array(0));
    expect(await client.closed).toBe(1000);
    const bytes: number[] = [];
    // All that came: three ack frames, in as many messages as the server liked.
    for (let left = 3; left > 0; ) {
      const message = await client.next();
      for (let at = 0; at < message.length; left--) {
        const end = at + 3 + message.readUIntBE(at, 3);
        bytes.push(decodeAppendAck(message.subarray(at + 4, end)).start.seqNum);
        at = end;
      }
    }
    expect(bytes).toEqual([0, 1, 3]);
  });

  test("a failed condition ends with a terminal frame and its close code", async () => {
    const client = await open(await fresh(), "mode=append");
    client.socket.send(inputFrame(["a"], { matchSeqNum: 7 }));
    const message = await client.next();
    expect(message[3]).toBe(0x80);
    expect(message.readUInt16BE(4)).toBe(412);
    expect(await client.closed).toBe(4412);
  });

  test.each([
    ["a text message", "text", 4400],
    ["garbage", Buffer.from([0x20, 0, 1, 0]), 4400],
  ])("%s is a bad frame, and stores nothing", async (_, message, closeCode) => {
    const stream = await fresh();
    const client = await open(stream, "mode=append");
    client.socket.send(message);
    expect(await client.closed).toBe(closeCode);
    const { json } = await call(running.url, "GET", `/v1/streams/${stream}/records/tail`, {
      basin,
    });
    expect(json.tail.seq_num).toBe(0);
  });

  test("a message above the bound closes the connection", async () => {
    const client = await open(await fresh(), "mode=append");
    client.socket.on("error", () => undefined);
    client.socket.send(Buffer.alloc(9 * 1024 * 1024));
    expect([1006, 1009]).toContain(await client.closed);
    expect((await call(running.url, "GET", "/health")).status).toBe(200);
  });
});

describe("read sessions", () => {
  test("catch up, tell the tail, follow, and close normally at the end", async () => {
    const stream = await fresh();
    const append = (body: string): Promise<unknown> =>
      call(running.url, "POST", `/v1/streams/${stream}/records`, {
        basin,
        json: { records: [{ body }] },
      });
    await append("old");
    const client = await open(stream, "mode=read&seq_num=0&count=2&wait=20");
    const batch = async (): Promise<ReturnType<typeof decodeReadBatch>> =>
      decodeReadBatch((await client.next()).subarray(4));
    expect((await batch()).records.map(({ body }) => decodeUtf8Lossy(body))).toEqual(["old"]);
    expect(await batch()).toMatchObject({ records: [], tail: { seqNum: 1 } });
    await append("new");
    expect((await batch()).records.map(({ body }) => decodeUtf8Lossy(body))).toEqual(["new"]);
    expect(await client.closed).toBe(1000);
  });

  test("give large batches as one message each, compressed if the query asks for it", async () => {
    const stream = await fresh();
    for (let i = 0; i < 2; i++)
      await call(running.url, "POST", `/v1/streams/${stream}/records`, {
        basin,
        json: { records: [{ body: "x".repeat(600_000) }] },
      });
    const plain = await open(stream, "mode=read&seq_num=0&count=2");
    const first = await plain.next();
    expect(first.length).toBe(3 + first.readUIntBE(0, 3));
    const packed = await open(stream, "mode=read&seq_num=0&count=2&compression=gzip");
    expect((await packed.next())[3]).toBe(0x40);
  });
});

describe("what fails before the session starts", () => {
  test.each<[string, string, ClientOptions, number, string]>([
    ["another subprotocol", "mode=read", { protocols: ["other"] }, 400, "bad_header"],
    ["a foreign origin", "mode=read", { origin: "https://evil.example" }, 403, "permission_denied"],
  ])("%s is refused as an ordinary HTTP answer", async (_, query, options, status, code) => {
    expect(await refused(dial(await fresh(), query, options))).toEqual({ status, code });
  });

  test.each<[string, string | undefined, string, number, object]>([
    ["no mode", undefined, "", 400, { code: "bad_query" }],
    ["two starts", undefined, "mode=read&seq_num=1&timestamp=2", 422, { code: "invalid" }],
    ["a start beyond the tail", undefined, "mode=read&seq_num=9", 416, { tail: { seq_num: 0 } }],
    ["a missing stream", "nope", "mode=append", 404, { code: "stream_not_found" }],
  ])(
    "%s ends with a terminal frame, which browsers can see",
    async (_, stream, query, status, json) => {
      const client = await open(stream ?? (await fresh()), query);
      const frame = await client.next();
      expect([frame[3], frame.readUInt16BE(4)]).toEqual([0x80, status]);
      expect(JSON.parse(frame.subarray(6).toString())).toMatchObject(json);
      expect(await client.closed).toBe(4000 + status);
    },
  );

  test("an allowed origin is let in", async () => {
    const client = await open(await fresh(), "mode=append", { origin: "https://app.example" });
    client.socket.send(new Uint8Array(0));
    expect(await client.closed).toBe(1000);
  });
});

describe("what a session holds", () => {
  test("is given back with each message, not at its end", async () => {
    const client = await open(await fresh(), "mode=append");
    for (let i = 0; i < 20; i++) {
      client.socket.send(inputFrame(["x".repeat(100_000)]));
      await client.next();
    }
    client.socket.ping();
    await new Promise((resolve) => client.socket.once("pong", resolve));
    const held = Object.entries(running.left()).filter(([name]) => name.startsWith("bytes held"));
    expect(held).toEqual([]);
    client.socket.send(new Uint8Array(0));
    expect(await client.closed).toBe(1000);
  });

  test("a writer waits for a client that does not read, and goes on when it does", async () => {
    let exchange: Exchange | undefined;
    const door = createWebSocketDoor({
      clock: systemClock,
      isOriginAllowed: () => true,
      onExchange: (got) => {
        exchange = got;
        got.respond(200, { "content-type": MEDIA_S2S });
      },
    });
    const guard = new BodyGuard(systemClock, new MemoryBudget(systemClock, 1 << 28), 60_000);
    const bare = createHttpServer().on("upgrade", (...upgrade) => door.accept(...upgrade, guard));
    await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
    const { port } = bare.address() as AddressInfo;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/?mode=read`, ["s2s.v1"]);
    await new Promise((resolve) => socket.once("open", resolve));
    socket.pause();

    const piece = new Uint8Array(256 * 1024);
    let written = 0;
    while (written < 256 && exchange?.write([piece]) === true) written++;
    expect(written).toBeLessThan(256);
    const hasRoom = exchange?.whenWritable();
    socket.resume();
    await hasRoom;
    expect(exchange?.write([piece])).toBe(true);
    socket.terminate();
    await new Promise((resolve) => bare.close(resolve));
  });
});
