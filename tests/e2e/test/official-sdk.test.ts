// The official SDK from npm drives our server over a real port: what it can do against the cloud
// it must be able to do here, with the errors it knows.

import {
  AppendInput,
  AppendRecord,
  BatchTransform,
  FencingTokenMismatchError,
  Producer,
  RangeNotSatisfiableError,
  S2,
  type S2Basin,
  S2Error,
  type S2Stream,
  SeqNumMismatchError,
} from "@s2-dev/streamstore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./harness/server.js";

let server: TestServer;
let s2: S2;
let basin: S2Basin;
let streamCount = 0;

beforeAll(async () => {
  server = await startServer();
  s2 = new S2({
    accessToken: "ignored",
    endpoints: { account: server.url, basin: server.url },
    retry: { maxAttempts: 1 },
  });
  await s2.basins.create({ basin: "official-basin" });
  basin = s2.basin("official-basin");
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe("basins and streams", () => {
  it("are created, listed, configured and deleted", async () => {
    const created = await s2.basins.create({
      basin: "second-basin",
      config: { createStreamOnAppend: true, defaultStreamConfig: { storageClass: "standard" } },
    });
    expect(created.name).toBe("second-basin");
    const { basins } = await s2.basins.list({ prefix: "second-" });
    expect(basins.map(({ name }) => name)).toEqual(["second-basin"]);
    expect(await s2.basins.getConfig({ basin: "second-basin" })).toMatchObject({
      createStreamOnAppend: true,
      defaultStreamConfig: { storageClass: "standard" },
    });

    const { streams } = s2.basin("second-basin");
    await streams.create({ stream: "a/b c", config: { retentionPolicy: { ageSecs: 3600 } } });
    expect(await streams.getConfig({ stream: "a/b c" })).toMatchObject({
      retentionPolicy: { ageSecs: 3600 },
      storageClass: "standard",
    });
    const listed: string[] = [];
    for await (const { name } of streams.listAll()) listed.push(name);
    expect(listed).toEqual(["a/b c"]);
    await streams.reconfigure({ stream: "a/b c", retentionPolicy: { ageSecs: 7200 } });
    expect(await streams.getConfig({ stream: "a/b c" })).toMatchObject({
      retentionPolicy: { ageSecs: 7200 },
    });

    await streams.delete({ stream: "a/b c" });
    await expect(s2.basin("second-basin").stream("a/b c").checkTail()).rejects.toMatchObject({
      status: expect.toSatisfy((status) => status === 404 || status === 409) as number,
    });
    await s2.basins.delete({ basin: "second-basin" });
  });

  it("that exist already are a conflict, and ensuring them is not", async () => {
    await expect(s2.basins.create({ basin: "official-basin" })).rejects.toMatchObject({
      status: 409,
      code: "resource_already_exists",
    });
    const ensured = await s2.basins.ensure({ basin: "official-basin" });
    expect(ensured.result).toBe("noop");
  });

  it("that do not exist are not found", async () => {
    await expect(basin.stream("nowhere").checkTail()).rejects.toMatchObject({
      status: 404,
      code: "stream_not_found",
    });
    await expect(s2.basin("missing-basin").stream("x").checkTail()).rejects.toMatchObject({
      status: 404,
      code: "basin_not_found",
    });
  });
});

describe("unary calls", () => {
  it("append strings and bytes with headers and timestamps, and read them back", async () => {
    const stream = await newStream();
    const ack = await stream.append(
      AppendInput.create([
        AppendRecord.string({ body: "hé", headers: [["k", "v"]], timestamp: 1000 }),
        AppendRecord.bytes({ body: new Uint8Array([0, 255, 10]), timestamp: 1001 }),
      ]),
    );
    expect([ack.start.seqNum, ack.end.seqNum, ack.tail.seqNum]).toEqual([0, 2, 2]);
    const text = await stream.read({
      start: { from: { seqNum: 0 } },
      stop: { limits: { count: 1 } },
    });
    expect(text.records[0]).toMatchObject({ seqNum: 0, body: "hé", headers: [["k", "v"]] });
    expect(text.records[0]?.timestamp.getTime()).toBe(1000);
    const raw = await stream.read({ start: { from: { seqNum: 1 } } }, { as: "bytes" });
    expect([...(raw.records[0]?.body ?? [])]).toEqual([0, 255, 10]);
    const { tail } = await stream.checkTail();
    expect([tail.seqNum, tail.timestamp.getTime()]).toEqual([2, 1001]);
  });

  it("that read beyond the tail fail with the tail, or clamp to it", async () => {
    const stream = await newStream();
    await stream.append(AppendInput.create([AppendRecord.string({ body: "x" })]));
    const beyond = stream.read({ start: { from: { seqNum: 99 } } });
    await expect(beyond).rejects.toBeInstanceOf(RangeNotSatisfiableError);
    const start = { from: { seqNum: 99 }, clamp: true };
    await expect(stream.read({ start })).rejects.toMatchObject({ status: 416 });
    const session = await stream.readSession({ start, stop: { waitSecs: 0 } });
    expect(await collect(session, Number.POSITIVE_INFINITY)).toEqual([]);
  });
});

describe("conditions", () => {
  it("fail with the sequence number that would have been assigned", async () => {
    const stream = await newStream();
    await stream.append(
      AppendInput.create([AppendRecord.string({ body: "a" })], { matchSeqNum: 0 }),
    );
    const again = stream.append(
      AppendInput.create([AppendRecord.string({ body: "a" })], { matchSeqNum: 0 }),
    );
    await expect(again).rejects.toBeInstanceOf(SeqNumMismatchError);
    await expect(again).rejects.toMatchObject({ expectedSeqNum: 1 });
  });

  it("fail with the fencing token in force, until the right one is given", async () => {
    const stream = await newStream();
    await stream.append(AppendInput.create([AppendRecord.fence("writer-1")]));
    const record = AppendRecord.string({ body: "a" });
    const wrong = stream.append(AppendInput.create([record], { fencingToken: "writer-0" }));
    await expect(wrong).rejects.toBeInstanceOf(FencingTokenMismatchError);
    await expect(wrong).rejects.toMatchObject({ expectedFencingToken: "writer-1" });
    const right = await stream.append(AppendInput.create([record], { fencingToken: "writer-1" }));
    expect(right.end.seqNum).toBe(2);
  });

  it("break an append session for good", async () => {
    const stream = await newStream();
    const session = await stream.appendSession();
    const first = await session.submit(
      AppendInput.create([AppendRecord.string({ body: "a" })], { matchSeqNum: 0 }),
    );
    expect((await first.ack()).end.seqNum).toBe(1);
    const second = await session.submit(
      AppendInput.create([AppendRecord.string({ body: "b" })], { matchSeqNum: 0 }),
    );
    await expect(second.ack()).rejects.toBeInstanceOf(SeqNumMismatchError);
    expect((await stream.checkTail()).tail.seqNum).toBe(1);
    await session.close().catch((error: unknown) => expect(error).toBeInstanceOf(S2Error));
  });
});

describe("sessions", () => {
  it("acknowledge pipelined batches in order", async () => {
    const stream = await newStream();
    const session = await stream.appendSession();
    const tickets = [];
    for (let i = 0; i < 50; i++)
      tickets.push(
        await session.submit(
          AppendInput.create([
            AppendRecord.string({ body: `${i} a` }),
            AppendRecord.string({ body: `${i} b` }),
          ]),
        ),
      );
    const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
    expect(acks.map(({ start }) => start.seqNum)).toEqual(tickets.map((_, i) => i * 2));
    await session.close();
  });

  it("read live what is appended while they follow", async () => {
    const stream = await newStream();
    const reader = await stream.readSession({ start: { from: { seqNum: 0 } } });
    const reading = collect(reader, 200);
    const session = await stream.appendSession();
    for (let i = 0; i < 200; i++) {
      const ticket = await session.submit(
        AppendInput.create([AppendRecord.string({ body: `record ${i}` })]),
      );
      if (i % 50 === 0) await ticket.ack();
    }
    await session.close();
    const records = await reading;
    expect(records.map(({ body }) => body)).toEqual(records.map((_, i) => `record ${i}`));
    expect(records.map(({ seqNum }) => seqNum)).toEqual(records.map((_, i) => i));
  });

  it("take records from the producer, one ticket each", async () => {
    const stream = await newStream();
    const producer = new Producer(
      new BatchTransform({ lingerDurationMillis: 2, maxBatchRecords: 64 }),
      await stream.appendSession(),
    );
    const tickets = [];
    for (let i = 0; i < 300; i++)
      tickets.push(await producer.submit(AppendRecord.string({ body: `p${i}` })));
    const acks = await Promise.all(tickets.map((ticket) => ticket.ack()));
    expect(acks.map((ack) => ack.seqNum())).toEqual(tickets.map((_, i) => i));
    await producer.close();
    expect((await stream.checkTail()).tail.seqNum).toBe(300);
  });

  it("catch up over many batches, bytes as they were written", async () => {
    const stream = await newStream();
    const body = (i: number): Uint8Array => new Uint8Array(20_000).fill(i % 251);
    const session = await stream.appendSession();
    for (let i = 0; i < 150; i++)
      await session.submit(AppendInput.create([AppendRecord.bytes({ body: body(i) })]));
    await session.close();
    const reader = await stream.readSession(
      { start: { from: { seqNum: 0 } }, stop: { limits: { count: 150 } } },
      { as: "bytes" },
    );
    let seen = 0;
    for await (const record of reader) {
      expect(Buffer.compare(record.body, body(record.seqNum))).toBe(0);
      seen++;
    }
    expect(seen).toBe(150);
  });
});

async function newStream(): Promise<S2Stream> {
  const name = `stream-${streamCount++}`;
  await basin.streams.create({ stream: name });
  return basin.stream(name);
}

async function collect<T>(source: AsyncIterable<T>, wanted: number): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) {
    items.push(item);
    if (items.length >= wanted) break;
  }
  return items;
}
