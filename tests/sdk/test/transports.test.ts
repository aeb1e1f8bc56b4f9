// The same sessions over every carrier, against the real server: what holds for one holds for all.

import {
  AppendInput,
  AppendRecord,
  type ReadInput,
  type S2,
  SeqNumMismatchError,
} from "@s2kit/client";
import { Producer } from "@s2kit/producer";
import { describe, expect, it } from "vitest";
import { BASIN, connect, connectInProcess, startServer } from "./harness/server.js";

const CARRIERS = ["s2s", "fetch", "ws", "handler"] as const;
type Carrier = (typeof CARRIERS)[number];

async function clientOver(carrier: Carrier): Promise<S2> {
  const { server, url } = await startServer();
  return carrier === "handler" ? connectInProcess(server) : connect(url, { transport: carrier });
}

function batch(from: number, count: number, bytes = 16): AppendInput {
  return AppendInput.create(
    Array.from({ length: count }, (_, i) =>
      AppendRecord.string({
        body: `${from + i}`.padEnd(bytes, "."),
        headers: [["n", String(from + i)]],
        timestamp: 1000 + from + i,
      }),
    ),
  );
}

describe.each(CARRIERS)("over %s", (carrier) => {
  it("appends in order and follows live", async () => {
    const stream = (await clientOver(carrier)).basin(BASIN).stream("live/1");
    const session = await stream.appendSession();
    const reader = await stream.readSession({ start: { from: { seqNum: 0 } } });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const record of reader) {
        seen.push(`${record.headers[0]?.[1]}@${record.seqNum}`);
        if (seen.length === 300) break;
      }
    })();
    for (let i = 0; i < 300; i += 10) await session.submit(batch(i, 10));
    await session.close();
    await reading;
    expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => `${i}@${i}`));
    expect((await stream.checkTail()).tail.seqNum).toBe(300);
  });

  it("carries bytes exactly, empty ones too (6)", async () => {
    const stream = (await clientOver(carrier)).basin(BASIN).stream("bytes");
    const bodies = [new Uint8Array(0), new Uint8Array([0xff, 0xfe, 0]), new Uint8Array(70_000)];
    const session = await stream.appendSession();
    await session.submit(
      AppendInput.create(
        bodies.map((body) =>
          AppendRecord.bytes({ body, headers: [[new Uint8Array([255]), new Uint8Array(0)]] }),
        ),
      ),
    );
    await session.close();
    const read = await stream.readSession(
      { start: { from: { seqNum: 0 } }, stop: { limits: { count: 3 } } },
      { as: "bytes" },
    );
    const records = [];
    for await (const record of read) records.push(record);
    expect(
      records.map(({ body }) => Buffer.from(body).equals(bodies[records.length] ?? body)),
    ).toEqual([true, true, true]);
    expect(records.map(({ body }) => body.length)).toEqual([0, 3, 70_000]);
    expect(records[0]?.headers).toEqual(
      [[new Uint8Array([255]), new Uint8Array(0)]].map((pair) =>
        pair.map((side) => expect.objectContaining(side) as unknown),
      ),
    );
  });

  it("reports failures with their code, at the opening and in between (H-19)", async () => {
    const s2 = await clientOver(carrier);
    await s2.basins.create({ basin: "strict-basin" });
    const missing = s2.basin("strict-basin").stream("missing");
    await expect(missing.readSession()).rejects.toMatchObject({
      code: "stream_not_found",
      status: 404,
    });
    const session = await missing.appendSession();
    const ticket = await session.submit(batch(0, 1));
    await expect(ticket.ack()).rejects.toMatchObject({ code: "stream_not_found", status: 404 });
    const stream = s2.basin(BASIN).stream("conditions");
    await stream.append(batch(0, 3));
    await expect(
      stream.readSession({ start: { from: { seqNum: 99 } }, stop: { waitSecs: 0 } }),
    ).rejects.toMatchObject({ status: 416, tail: { seqNum: 3 } });
    const conditional = await stream.appendSession();
    const tickets = [
      await conditional.submit({ ...batch(3, 1), matchSeqNum: 3 }),
      await conditional.submit({ ...batch(4, 1), matchSeqNum: 9 }),
      await conditional.submit({ ...batch(5, 1), matchSeqNum: 5 }),
    ];
    expect((await tickets[0]?.ack())?.start.seqNum).toBe(3);
    await expect(tickets[1]?.ack()).rejects.toBeInstanceOf(SeqNumMismatchError);
    await expect(tickets[2]?.ack()).rejects.toMatchObject({ expectedSeqNum: 4 });
    expect((await stream.checkTail()).tail.seqNum).toBe(4);
  });

  const reads: readonly (readonly [string, ReadInput, readonly number[]])[] = [
    ["seqNum", { start: { from: { seqNum: 7 } } }, [7, 8, 9]],
    ["timestamp", { start: { from: { timestamp: 1008 } } }, [8, 9]],
    ["tailOffset", { start: { from: { tailOffset: 2 } } }, [8, 9]],
    ["clamp", { start: { from: { seqNum: 99 }, clamp: true } }, []],
    ["count", { start: { from: { seqNum: 0 } }, stop: { limits: { count: 2 } } }, [0, 1]],
    ["bytes", { start: { from: { seqNum: 0 } }, stop: { limits: { bytes: 3 * 28 } } }, [0, 1, 2]],
    ["until", { start: { from: { seqNum: 0 } }, stop: { untilTimestamp: 1002 } }, [0, 1]],
    ["wait", { start: { from: { seqNum: 9 } }, stop: { waitSecs: 0 } }, [9]],
  ];

  it("understands every parameter of a read", async () => {
    const stream = (await clientOver(carrier)).basin(BASIN).stream("parameters");
    await stream.append(batch(0, 10));
    for (const [name, input, expected] of reads) {
      const seqNums: number[] = [];
      const stop = { waitSecs: 0, ...input.stop };
      for await (const { seqNum } of await stream.readSession({ ...input, stop }))
        seqNums.push(seqNum);
      expect([name, seqNums]).toEqual([name, expected]);
    }
  });

  it("reads to the tail of now and no further", async () => {
    const stream = (await clientOver(carrier)).basin(BASIN).stream("to-tail");
    await stream.append(batch(0, 5));
    const session = await stream.readToTail();
    await stream.append(batch(5, 5));
    const seqNums: number[] = [];
    for await (const { seqNum } of session) seqNums.push(seqNum);
    expect(seqNums).toEqual([0, 1, 2, 3, 4]);
    expect(session.nextReadPosition()?.seqNum).toBe(5);
    const empty = await (await clientOver(carrier)).basin(BASIN).stream("empty").readToTail();
    expect(await empty[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
  });

  it("knows when it is caught up, and stays so across an idle moment", async () => {
    const stream = (await clientOver(carrier)).basin(BASIN).stream("caught-up");
    await stream.append(batch(0, 2));
    const session = await stream.readSession({ start: { from: { seqNum: 0 } } });
    const iterator = session[Symbol.asyncIterator]();
    const reached = session.caughtUp();
    await iterator.next();
    await iterator.next();
    const next = iterator.next();
    expect((await reached).seqNum).toBe(2);
    await stream.append(batch(2, 1));
    expect((await next).value).toMatchObject({ seqNum: 2 });
    await session.cancel();
  });

  it("does not lose a slow reader's place", async () => {
    const stream = (await clientOver(carrier)).basin(BASIN).stream("slow");
    const session = await stream.appendSession();
    for (let i = 0; i < 24; i++) await session.submit(batch(i, 1, 512 * 1024));
    await session.close();
    const reader = await stream.readSession({
      start: { from: { seqNum: 0 } },
      stop: { limits: { count: 24 } },
    });
    let count = 0;
    for await (const { seqNum } of reader) {
      expect(seqNum).toBe(count++);
      if (count % 8 === 1) await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(count).toBe(24);
  });

  it("carries a producer", async () => {
    const stream = (await clientOver(carrier)).basin(BASIN).stream("producer");
    const producer = new Producer(await stream.appendSession(), { maxBatchRecords: 50 });
    const tickets = [];
    for (let i = 0; i < 500; i++)
      tickets.push(await producer.submit(AppendRecord.string({ body: String(i) })));
    await producer.close();
    const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
    expect(acks.map((ack) => ack.seqNum())).toEqual(acks.map((_, i) => i));
  });

  it("reads and writes an encrypted stream with its key, and with no other", async () => {
    const s2 = await clientOver(carrier);
    await s2.basins.create({
      basin: "secret-basin",
      config: { createStreamOnAppend: true, streamCipher: "aes-256-gcm" },
    });
    const stream = s2
      .basin("secret-basin")
      .stream("s", { encryptionKey: new Uint8Array(32).fill(7) });
    const session = await stream.appendSession();
    await session.submit(batch(0, 3));
    await session.close();
    const seen: number[] = [];
    for await (const { seqNum } of await stream.readToTail()) seen.push(seqNum);
    expect(seen).toEqual([0, 1, 2]);
    await expect(s2.basin("secret-basin").stream("s").append(batch(3, 1))).rejects.toMatchObject({
      status: 400,
    });
    const wrong = stream.withEncryptionKey(new Uint8Array(32).fill(8));
    const reading = (async () => {
      for await (const { seqNum } of await wrong.readToTail()) expect(seqNum).toBeUndefined();
    })();
    await expect(reading).rejects.toMatchObject({ code: "decryption_failed", isRetryable: false });
  });

  it("ends at once when it is aborted", async () => {
    const stream = (await clientOver(carrier)).basin(BASIN).stream("abort");
    const controller = new AbortController();
    const session = await stream.readSession(
      { start: { from: { seqNum: 0 } } },
      { signal: controller.signal },
    );
    const waiting = session[Symbol.asyncIterator]().next();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe.each(["gzip", "zstd"] as const)("with %s", (compression) => {
  it("compresses both ways and keeps the order of small and large batches (H-20)", async () => {
    const { url } = await startServer();
    const stream = connect(url, { compression }).basin(BASIN).stream("compressed");
    const session = await stream.appendSession();
    for (let i = 0; i < 30; i++) await session.submit(batch(i, 1, i % 2 === 0 ? 200_000 : 100));
    await session.close();
    const seqNums: string[] = [];
    for await (const { headers } of await stream.readSession({
      start: { from: { seqNum: 0 } },
      stop: { limits: { count: 30 } },
    }))
      seqNums.push(headers[0]?.[1] ?? "");
    expect(seqNums).toEqual(Array.from({ length: 30 }, (_, i) => String(i)));
    expect((await stream.append(batch(30, 1, 50_000))).start.seqNum).toBe(30);
  });
});
