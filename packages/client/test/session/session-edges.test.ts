// Rare moments of both sessions on real sockets. Numbers in comments are those of the recorded defects in
// tests/sdk/test/defects.test.ts.

import { type AppendAck, deferred, encodeAppendAck } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import { AppendInput, AppendRecord } from "../../src/index.node.js";
import type { PeerExchange } from "../../src/testing/peer-exchange.js";
import { client, failureOf, peer, stream } from "../harness/client.js";

function batch(...bodies: string[]): AppendInput {
  return AppendInput.create(bodies.map((body) => AppendRecord.string({ body })));
}

const ACK: AppendAck = {
  start: { seqNum: 0, timestamp: 0 },
  end: { seqNum: 1, timestamp: 0 },
  tail: { seqNum: 1, timestamp: 0 },
};

async function serveWell(exchange: PeerExchange): Promise<void> {
  exchange.open();
  for (;;) {
    const input = await exchange.nextInput();
    if (input === undefined) break;
    exchange.ack(input.records.length);
  }
  exchange.end();
}

describe("an append session", () => {
  it("does not wait for response headers: a server may answer only after the first frame (73)", async () => {
    const server = await peer();
    server.always(async (exchange) => {
      const first = await exchange.nextInput();
      exchange.open();
      exchange.ack(first?.records.length ?? 0);
      await exchange.nextInput();
      exchange.end();
    });
    const session = await stream(server.url).appendSession();
    await (await session.submit(batch("a"))).ack();
    await session.close();
  });

  it("finishes a close through a failure that comes after the last submit (83)", async () => {
    const server = await peer();
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.cutConnection();
    });
    server.always(serveWell);
    const session = await stream(server.url).appendSession();
    const ticket = await session.submit(batch("a"));
    await session.close();
    expect(ticket.isSettled).toBe(true);
  });

  it("takes a terminal frame below 400 for a goodbye, and resends what is left (H-22)", async () => {
    const server = await peer();
    server.next(async (exchange) => {
      exchange.open();
      await exchange.nextInput();
      exchange.terminal(200, {});
      exchange.end();
    });
    server.always(serveWell);
    const session = await stream(server.url).appendSession();
    await (await session.submit(batch("a"))).ack();
    await session.close();
    expect(server.requests).toHaveLength(2);
  });

  it("lives on when the waiter for an acknowledgement has gone (86)", async () => {
    const server = await peer();
    server.always(serveWell);
    const session = await stream(server.url).appendSession();
    const controller = new AbortController();
    await session.submit(batch("a"), { signal: controller.signal });
    controller.abort();
    expect((await (await session.submit(batch("b"))).ack()).start.seqNum).toBe(1);
    await session.close();
  });

  it("keeps no acknowledgements for a reader that nobody asked for (H-14)", async () => {
    const server = await peer();
    server.always(serveWell);
    const session = await stream(server.url).appendSession();
    await (await session.submit(batch("a"))).ack();
    const late = session.acks().getReader();
    await (await session.submit(batch("b"))).ack();
    expect((await late.read()).value?.start.seqNum).toBe(1);
    await session.close();
    expect((await late.read()).done).toBe(true);
  });

  it("holds 5 MiB unacknowledged by default, and no more (71)", async () => {
    const server = await peer();
    const release = deferred<undefined>();
    server.always(async (exchange) => {
      exchange.open();
      await release.promise;
      for (;;) {
        const input = await exchange.nextInput();
        if (input === undefined) break;
        exchange.ack(input.records.length);
      }
      exchange.end();
    });
    const session = await stream(server.url).appendSession();
    const input = AppendInput.create([
      AppendRecord.bytes({ body: new Uint8Array(1024 * 1024 - 8) }),
    ]);
    for (let i = 0; i < 5; i++) expect(session.trySubmit(input)).toBeDefined();
    expect(session.trySubmit(input)).toBeUndefined();
    const waiting = session.submit(input);
    release.resolve(undefined);
    await (await waiting).ack();
    await session.close();
  });
});

describe.each(["s2s", "fetch"] as const)("sessions over %s", (transport) => {
  it("ask for a fresh token when theirs is refused, at no charge, and once", async () => {
    const server = await peer();
    let isRefusing = false;
    server.always(async (exchange) => {
      if (isRefusing || exchange.headers.authorization === "Bearer token-1") {
        exchange.json(401, { code: "authn", message: "expired" });
      } else if (transport === "s2s") await serveWell(exchange);
      else {
        await exchange.body();
        exchange.respond(200, encodeAppendAck(ACK), { "content-type": "application/protobuf" });
      }
    });
    let asked = 0;
    const accessToken = (): string => `token-${++asked}`;
    const handle = stream(server.url, { transport, accessToken, retry: { maxAttempts: 1 } });
    const session = await handle.appendSession();
    await (await session.submit(batch("a"))).ack();
    await session.close();
    expect(asked).toBe(2);
    isRefusing = true;
    const refused = await handle.appendSession();
    expect(await failureOf((await refused.submit(batch("b"))).ack())).toMatchObject({
      code: "authn",
      status: 401,
    });
    expect(asked).toBe(3);
    expect(await failureOf(handle.readSession())).toMatchObject({ code: "authn" });
  });

  it("go on when a hook throws", async () => {
    const server = await peer();
    server.always(async (exchange) => {
      if (transport === "s2s") return serveWell(exchange);
      await exchange.body();
      exchange.respond(200, encodeAppendAck(ACK), { "content-type": "application/protobuf" });
    });
    const boom = (): never => {
      throw new Error("a hook");
    };
    const hooks = { onConnect: boom, onAck: boom, onDisconnect: boom, onRequestStart: boom };
    const session = await stream(server.url, { transport }, { hooks }).appendSession();
    await (await session.submit(batch("a"))).ack();
    await session.close();
  });
});

describe("a stream handle", () => {
  it("keeps its options when it is given another key (75)", async () => {
    const server = await peer();
    server.always((exchange) => exchange.json(404, { code: "stream_not_found", message: "" }));
    const handle = client(server.url)
      .basin("test-basin")
      .stream("s", { streamConfig: { storageClass: "standard" }, transport: "fetch" })
      .withEncryptionKey(new Uint8Array(32));
    const session = await handle.appendSession();
    await failureOf((await session.submit(batch("a"))).ack());
    expect(server.requests[0]?.headers).toMatchObject({
      "content-type": "application/protobuf",
      "s2-encryption-key": expect.any(String) as string,
      "s2-stream-config": expect.stringContaining('"standard"') as string,
    });
  });
});

describe("a read session", () => {
  it("says how a stream that it creates is to be configured", async () => {
    const server = await peer();
    server.always((exchange) => exchange.json(404, { code: "stream_not_found", message: "" }));
    const handle = client(server.url)
      .basin("test-basin")
      .stream("s", { streamConfig: { storageClass: "standard" }, transport: "fetch" });
    await failureOf(handle.readSession().then((session) => session[Symbol.asyncIterator]().next()));
    expect(server.requests[0]?.headers).toMatchObject({
      "s2-stream-config": expect.stringContaining('"standard"') as string,
    });
  });

  it("does not take the consumer's slowness for the server's silence (70)", async () => {
    const server = await peer();
    const clock = createSimulatedClock();
    const body = Buffer.alloc(1024 * 1024);
    server.always(async (exchange) => {
      exchange.open();
      for (let seqNum = 0; seqNum < 16; seqNum++) {
        exchange.batch({ records: [{ seqNum, timestamp: 0, headers: [], body }] });
        await exchange.drained();
      }
      exchange.end();
    });
    const session = await stream(server.url, {}, { clock }).readSession(
      { start: { from: { seqNum: 0 } }, stop: { limits: { count: 16 } } },
      { as: "bytes" },
    );
    const iterator = session.batches();
    expect((await iterator.next()).done).toBe(false);
    // Long enough for the buffer to fill and for the watchdog to bark, if it barked at us.
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advanceAsync(3000);
    }
    let count = 1;
    while ((await iterator.next()).done !== true) count++;
    expect(count).toBe(16);
    expect(server.requests).toHaveLength(1);
  });

  it("gives the credit of unread data back when it is left (88)", async () => {
    const server = await peer();
    const body = Buffer.alloc(60_000);
    server.always((exchange) => {
      exchange.open();
      for (let seqNum = 0; seqNum < 4; seqNum++)
        exchange.batch({ records: [{ seqNum, timestamp: 0, headers: [], body }] });
    });
    const handle = stream(server.url, {
      http2: { initialStreamWindowSize: 65_535, connectionWindowSize: 65_535 },
    });
    for (let i = 0; i < 10; i++) {
      const session = await handle.readSession({}, { as: "bytes" });
      for await (const batch of session.batches()) {
        expect(batch.records[0]?.seqNum).toBe(0);
        break;
      }
    }
    expect(server.connectionCount).toBe(1);
  });

  it("shows no empty batch and none twice (92)", async () => {
    const server = await peer();
    server.next((exchange) => {
      exchange.open();
      exchange.records([], 0);
      exchange.records([0], 1);
      exchange.records([], 1);
      setImmediate(() => exchange.reset());
    });
    server.next((exchange) => {
      exchange.open();
      exchange.records([], 1);
      exchange.records([1, 2], 3);
      exchange.end();
    });
    const session = await stream(server.url).readSession({
      start: { from: { seqNum: 0 } },
      stop: { limits: { count: 3 } },
    });
    const seen: number[][] = [];
    for await (const { records } of session.batches())
      seen.push(records.map(({ seqNum }) => seqNum));
    expect(seen).toEqual([[0], [1, 2]]);
  });

  it("rounds nothing: duplicates of headers stay, timestamps stay exact (8, 13)", async () => {
    const server = await peer();
    const headers = [
      [Buffer.from("k"), Buffer.from("1")],
      [Buffer.from("k"), Buffer.from("2")],
    ] as const;
    server.always((exchange) => {
      exchange.open();
      exchange.batch({
        records: [{ seqNum: 5, timestamp: 2 ** 53 - 1, headers, body: Buffer.from("x") }],
      });
      // 2^53, as a varint: beyond what a number holds exactly.
      exchange.send(
        Buffer.concat([
          Buffer.from([0, 0, 12, 0, 0x0a, 9]),
          Buffer.from([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]),
        ]),
      );
    });
    const session = await stream(server.url, { retry: { maxAttempts: 1 } }).readSession();
    const iterator = session[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toEqual({
      seqNum: 5,
      timestamp: 2 ** 53 - 1,
      headers: [
        ["k", "1"],
        ["k", "2"],
      ],
      body: "x",
    });
    expect(await failureOf(iterator.next())).toMatchObject({ code: "UNSAFE_INTEGER" });
  });
});
