// A program written for the official client, run over this one by one alias: what it documents works, with
// its shapes, its times as Dates, and its errors.

import {
  AppendInput,
  AppendRecord,
  BatchTransform,
  CaughtUpTracker,
  EncryptionKey,
  EncryptionKeyLengthError,
  FencingTokenMismatchError,
  MAX_APPEND_BYTES,
  meteredBytes,
  Producer,
  paginate,
  RangeNotSatisfiableError,
  type ReadRecord,
  randomToken,
  S2,
  type S2Basin,
  S2Endpoints,
  S2Environment,
  S2Error,
  type S2Stream,
  SeqNumMismatchError,
} from "@s2kit/producer/streamstore";
import { serialization } from "@s2kit/producer/streamstore-patterns";
import { beforeEach, describe, expect, it } from "vitest";
import { BASIN, closing, startServer } from "./harness/server.js";

let url: string;
let s2: S2;
let basin: S2Basin;
let stream: S2Stream;

beforeEach(async () => {
  ({ url } = await startServer());
  s2 = closing(
    new S2({
      accessToken: "any",
      endpoints: { account: url, basin: url },
      retry: { maxAttempts: 2, minBaseDelayMillis: 1, requestTimeoutMillis: 4000 },
    }),
  );
  basin = s2.basin(BASIN);
  await basin.streams.create({ stream: "s", config: null });
  stream = basin.stream("s");
});

const text = (body: string): AppendRecord => AppendRecord.string({ body });

async function collected<T>(items: AsyncIterable<T> | ReadableStream<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items as AsyncIterable<T>) all.push(item);
  return all;
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
}

describe("records", () => {
  it("are text or bytes with their metered size, and positions have Dates", async () => {
    const input = AppendInput.create([
      AppendRecord.string({ body: "héllo", headers: [["kind", "text"]], timestamp: new Date(5) }),
      AppendRecord.bytes({ body: new Uint8Array([1, 2]), headers: [["kind", "raw"]] }),
    ]);
    expect(input.meteredBytes).toBe(8 + 2 + 8 + 6 + (8 + 2 + 7 + 2));
    const ack = await stream.append(input);
    expect(ack.start.timestamp).toBeInstanceOf(Date);
    expect([ack.start.seqNum, ack.end.seqNum, ack.tail.seqNum]).toEqual([0, 2, 2]);
    const { records } = await stream.read({ start: { from: { seqNum: 0 } } });
    expect(records[0]).toMatchObject({ seqNum: 0, body: "héllo", headers: [["kind", "text"]] });
    expect(records[0]?.timestamp).toEqual(new Date(5));
    expect(records.reduce((sum, record) => sum + meteredBytes(record), 0)).toBe(input.meteredBytes);
    const bytes = await stream.read({ start: { from: { seqNum: 1 } } }, { as: "bytes" });
    expect(bytes.records[0]?.body).toEqual(new Uint8Array([1, 2]));
    expect((await stream.checkTail()).tail).toEqual({
      seqNum: 2,
      timestamp: ack.end.timestamp,
    });
  });

  it("are read from and until a Date, and from the tail without a start", async () => {
    for (const millis of [1000, 2000, 3000])
      await stream.append(
        AppendInput.create([AppendRecord.string({ body: `${millis}`, timestamp: millis })]),
      );
    const { records } = await stream.read({
      start: { from: { timestamp: new Date(2000) } },
      stop: { untilTimestamp: new Date(3000) },
    });
    expect(records.map(({ body }) => body)).toEqual(["2000"]);
    expect(await failureOf(stream.read())).toBeInstanceOf(RangeNotSatisfiableError);
  });
});

describe("a read session", () => {
  beforeEach(() => stream.append(AppendInput.create(["a", "b", "c"].map(text))));

  const input = { start: { from: { seqNum: 0 } }, stop: { waitSecs: 0 } };

  it.each(["s2s", "fetch"] as const)(
    "over %s is a stream that can be iterated",
    async (forceTransport) => {
      const session = await basin.stream("s", { forceTransport }).readSession(input);
      expect(session).toBeInstanceOf(ReadableStream);
      const bodies: string[] = [];
      for await (const { body, timestamp } of session) {
        expect(timestamp).toBeInstanceOf(Date);
        bodies.push(body);
      }
      expect(bodies).toEqual(["a", "b", "c"]);
      expect(session.nextReadPosition()?.seqNum).toBe(3);
    },
  );

  it("can be read, piped and teed", async () => {
    const reader = (await stream.readSession(input)).getReader();
    expect((await reader.read()).value?.body).toBe("a");
    await reader.cancel();
    const upper = (await stream.readSession(input)).pipeThrough(
      new TransformStream<ReadRecord, string>({
        transform: ({ body }, controller) => controller.enqueue(body.toUpperCase()),
      }),
    );
    expect(await collected(upper)).toEqual(["A", "B", "C"]);
    const [left, right] = (await stream.readSession(input)).tee();
    const bodies = async (branch: ReadableStream<ReadRecord>): Promise<string[]> =>
      (await collected(branch)).map(({ body }) => body);
    expect(await Promise.all([bodies(left), bodies(right)])).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
  });

  it("follows, tells when it has caught up, and is left by its scope", async () => {
    await using session = await stream.readSession({ start: { from: { tailOffset: 1 } } });
    const iterator = session[Symbol.asyncIterator]();
    expect((await iterator.next()).value?.body).toBe("c");
    const next = iterator.next();
    expect((await session.caughtUp()).seqNum).toBe(3);
    expect(session.isCaughtUp()).toBe(true);
    expect(session.lastObservedTail()?.timestamp).toBeInstanceOf(Date);
    await stream.append(AppendInput.create([text("d")]));
    expect((await next).value?.body).toBe("d");
    await iterator.return?.();
  });
});

describe("appends in a row", () => {
  it("go through a pipeline of records, batches and acknowledgements", async () => {
    const source = new ReadableStream<AppendRecord>({
      start(controller) {
        for (const body of ["1", "2", "3"]) controller.enqueue(text(body));
        controller.close();
      },
    });
    const acks = source
      .pipeThrough(new BatchTransform({ maxBatchRecords: 2, lingerDurationMillis: 1 }))
      .pipeThrough(await stream.appendSession({ maxInflightBytes: 1024 * 1024 }));
    const ends = (await collected(acks)).map(({ end }) => end.seqNum);
    expect(ends).toEqual([2, 3]);
  });

  it("have tickets, a last position and acknowledgements to read", async () => {
    await using session = await stream.appendSession();
    const acks = session.acks()[Symbol.asyncIterator]();
    const ticket = await session.submit(AppendInput.create([text("x"), text("y")]));
    expect([ticket.numRecords, ticket.bytes]).toEqual([2, 18]);
    expect((await ticket.ack()).end.seqNum).toBe(2);
    expect((await acks.next()).value?.end.seqNum).toBe(2);
    expect(session.lastAckedPosition()?.end.timestamp).toBeInstanceOf(Date);
    expect(session.failureCause()).toBeUndefined();
  });

  it("are batched by a producer, with the members that its users know", async () => {
    const batching = new BatchTransform({ lingerDurationMillis: 1, matchSeqNum: 0 });
    const session = await stream.appendSession();
    const producer = new Producer(batching, session, "named");
    expect([producer.batchTransform, producer.appendSession]).toEqual([batching, session]);
    const acks = producer.readable.getReader();
    const tickets = await Promise.all([producer.submit(text("p")), producer.submit(text("q"))]);
    await producer.flush();
    expect((await tickets[1]?.ack())?.seqNum()).toBe(1);
    expect((await acks.read()).value?.ack.start.timestamp).toBeInstanceOf(Date);
    const writer = producer.writable.getWriter();
    await writer.write(text("r"));
    await writer.close();
    await producer.pump;
    expect((await stream.checkTail()).tail.seqNum).toBe(3);
    expect(await failureOf(producer.submit(text("late")))).toBeInstanceOf(S2Error);
  });
});

describe("errors", () => {
  it("say who found them, without a code in the message, and are one instance for all", async () => {
    const error = (await failureOf(
      basin.stream("s").append(AppendInput.create([text("x")], { matchSeqNum: 7 })),
    )) as SeqNumMismatchError;
    expect(error).toBeInstanceOf(SeqNumMismatchError);
    expect(error).toBeInstanceOf(S2Error);
    expect(error).toMatchObject({
      name: "SeqNumMismatchError",
      status: 412,
      origin: "server",
      expectedSeqNum: 0,
    });
    expect(error.message).not.toMatch(/^\[/);
    expect(error.hasNoSideEffects()).toBe(true);
    const session = await stream.appendSession();
    const tickets = [
      await session.submit(AppendInput.create([text("x")], { fencingToken: "mine" })),
      await session.submit(AppendInput.create([text("y")])),
    ];
    const [one, two] = await Promise.all(tickets.map((ticket) => failureOf(ticket.ack())));
    expect(one).toBeInstanceOf(FencingTokenMismatchError);
    expect(two).toBe(one);
    expect(await failureOf(session.close())).toBe(one);
    expect(session.failureCause()).toBe(one);
  });

  it("have the statuses that programs look at", async () => {
    expect(() => AppendRecord.fence("x".repeat(37))).toThrow(
      expect.objectContaining({ status: 422, origin: "sdk" }) as Error,
    );
    expect(() => AppendInput.create([])).toThrow(S2Error);
    expect(() =>
      AppendInput.create([AppendRecord.bytes({ body: new Uint8Array(MAX_APPEND_BYTES) })]),
    ).toThrow(S2Error);
    expect(() => s2.basin("no")).toThrow(S2Error);
    expect(() => new S2({ acessToken: "t" } as never)).toThrow("did you mean accessToken?");
    const missing = await failureOf(s2.basin("no-such-basin").streams.list());
    expect(missing).toMatchObject({ status: 404, code: "basin_not_found", origin: "server" });
    const aborted = await failureOf(stream.checkTail({ signal: AbortSignal.abort() }));
    expect(aborted).toMatchObject({ code: "ABORTED", status: 499, origin: "sdk" });
    const nobody = closing(
      new S2({
        accessToken: "t",
        endpoints: { account: "127.0.0.1:2" },
        retry: { maxAttempts: 1 },
      }),
    );
    expect(await failureOf(nobody.basins.list())).toMatchObject({
      code: "connection_failed",
      status: 502,
      origin: "sdk",
    });
    const tail = (await failureOf(
      stream.read({ start: { from: { seqNum: 9 } } }),
    )) as RangeNotSatisfiableError;
    expect(tail.tail?.timestamp).toBeInstanceOf(Date);
    await stream.close();
    expect(await failureOf(stream.checkTail())).toBeInstanceOf(S2Error);
  });
});

describe("the account", () => {
  it("is managed with null where there is nothing", async () => {
    const created = await s2.basins.create({ basin: "second-basin", config: null, location: null });
    expect(created).toMatchObject({ name: "second-basin", deletedAt: null });
    expect(created.createdAt).toBeInstanceOf(Date);
    const config = { defaultStreamConfig: { retentionPolicy: { ageSecs: 3600 } } };
    expect((await s2.basins.ensure({ basin: "second-basin", config })).result).toBe("updated");
    expect(
      (await s2.basins.getConfig({ basin: "second-basin" })).defaultStreamConfig,
    ).toMatchObject({
      retentionPolicy: { ageSecs: 3600 },
      timestamping: null,
    });
    await s2.basins.reconfigure({ basin: "second-basin", createStreamOnAppend: true });
    const names = async (items: AsyncIterable<{ name: string }>): Promise<string[]> =>
      (await collected(items)).map(({ name }) => name);
    expect(await names(s2.basins.listAll({ prefix: "second" }))).toEqual(["second-basin"]);
    await s2.basins.delete({ basin: "second-basin" });
    expect(await basin.streams.list({ limit: 10 })).toMatchObject({
      hasMore: false,
      streams: [{ name: "s", cipher: null, deletedAt: null }],
    });
    await basin.streams.reconfigure({ stream: "s", retentionPolicy: null, deleteOnEmpty: null });
    const { accessToken } = await s2.accessTokens.issue({
      id: "reader",
      scope: { basins: { prefix: "" }, streams: null, ops: ["list-streams"], opGroups: null },
    });
    expect(accessToken).not.toBe("");
    expect((await s2.accessTokens.list()).accessTokens[0]).toMatchObject({ id: "reader" });
    await s2.accessTokens.revoke({ id: "reader" });
    expect((await s2.locations.list()).length).toBeGreaterThan(0);
  });

  it("has metrics under the key of their kind", async () => {
    await stream.append(AppendInput.create([text("x")]));
    const now = Date.now();
    const { values } = await s2.metrics.basin({
      basin: BASIN,
      set: "storage",
      start: new Date(now - 3_600_000),
      end: now,
    });
    for (const metric of values) if ("gauge" in metric) expect(metric.gauge.unit).toBe("bytes");
    const labels = await s2.metrics.account({
      set: "active-basins",
      start: now - 86_400_000,
      end: now,
    });
    expect(Object.keys(labels.values[0] ?? { label: [] })).toEqual(["label"]);
  });
});

describe("what stands beside", () => {
  it("is there: endpoints, environment, keys, tokens, pages", async () => {
    const endpoints = new S2Endpoints({ basin: "https://{basin}.example.com" });
    expect(endpoints.includeBasinHeader).toBe(true);
    expect(endpoints.basinBaseUrl(BASIN)).toBe(`https://${BASIN}.example.com/v1`);
    expect(endpoints.accountBaseUrl()).toBe("https://a.s2.dev/v1");
    process.env.S2_ACCESS_TOKEN = "from-the-environment";
    process.env.S2_BASIN_ENDPOINT = url;
    try {
      const config = S2Environment.parse();
      expect(config.accessToken).toBe("from-the-environment");
      expect(config.endpoints).toBeInstanceOf(S2Endpoints);
    } finally {
      delete process.env.S2_ACCESS_TOKEN;
      delete process.env.S2_BASIN_ENDPOINT;
    }
    expect(EncryptionKey.from(new Uint8Array(32))).toBe(`${"A".repeat(43)}=`);
    expect(() => EncryptionKey.from("")).toThrow(EncryptionKeyLengthError);
    expect(randomToken()).not.toBe(randomToken());
    const pages = paginate(
      async ({ startAfter = "" }: { startAfter?: string }) => ({
        items: startAfter === "" ? ["a", "b"] : ["c"],
        hasMore: startAfter === "",
      }),
      {},
      (item) => item,
    );
    expect(await collected(pages)).toEqual(["a", "b", "c"]);
    const tracker = new CaughtUpTracker();
    const tail = { seqNum: 3, timestamp: new Date(1) };
    tracker.observeBatch({ recordCount: 1, lastSeqNum: 2, tail })?.markDelivered();
    expect(tracker.isCaughtUp()).toBe(true);
    expect(await tracker.caughtUp()).toEqual(tail);
  });

  it("is there: typed messages of the patterns", async () => {
    const encode = (message: unknown): Uint8Array =>
      new TextEncoder().encode(JSON.stringify(message));
    const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
    const session = await stream.appendSession();
    const writer = new serialization.SerializingAppendSession(session, encode, {
      chunkSize: 8,
      dedupeSeq: 0,
    });
    expect(await writer.submit({ id: "a long enough message" })).toEqual({ start: 0, end: 4 });
    const sink = writer.getWriter();
    await sink.write({ id: 2 });
    await sink.close();
    const messages = new serialization.DeserializingReadSession(
      await stream.readSession(
        { start: { from: { seqNum: 0 } }, stop: { waitSecs: 0 } },
        { as: "bytes" },
      ),
      decode,
    );
    expect(await collected(messages)).toEqual([{ id: "a long enough message" }, { id: 2 }]);
    const records = serialization.frameChunksToRecords(
      serialization.chunkBytes(new Uint8Array(20), 8),
    );
    expect(serialization.injectDedupeHeaders(records, "w", 5)).toBe(8);
    expect(() => serialization.injectDedupeHeaders(records, "w", 5)).toThrow(S2Error);
    const assembler = new serialization.FrameAssembler({ maxFrameBytes: 20 });
    const frames = records.flatMap((record) =>
      assembler.push(record as Parameters<typeof assembler.push>[0]),
    );
    expect(frames).toEqual([{ payload: new Uint8Array(20), meta: { bytes: 20, records: 3 } }]);
    const small = new serialization.FrameAssembler({ maxFrameBytes: 19 });
    expect(() => small.push(records[0] as Parameters<typeof small.push>[0])).toThrow(
      serialization.FrameSizeError,
    );
    expect(serialization.decodeU64(serialization.encodeU64(2n ** 64n - 1n))).toBe(2n ** 64n - 1n);
  });
});
