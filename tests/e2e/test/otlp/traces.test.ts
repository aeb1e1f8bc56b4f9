// OpenTelemetry out: client, producer and server watched by the SDK, and a trace that goes on behind a
// stream, from the append to whoever reads it.

import { context, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { AppendRecord, S2, type S2Hooks } from "@s2kit/client";
import {
  openTelemetryHooks,
  traceContextOf,
  tracedSubmit,
  withTraceContext,
} from "@s2kit/client/opentelemetry";
import { Producer } from "@s2kit/producer";
import { createServer, type S2Server } from "@s2kit/server-lite";
import { openTelemetryObserver } from "@s2kit/server-lite/opentelemetry";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

const BASIN = "traced-basin";
const spans = new InMemorySpanExporter();
const tracers = new TracerProvider({
  resource: resourceFromAttributes({ "service.name": "test" }),
  spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
});
const kept = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: kept, exportIntervalMillis: 600_000 });
const meters = new MeterProvider({ readers: [reader] });
const tracer = tracers.getTracer("test");
const meter = meters.getMeter("test");

let server: S2Server;
let url: string;
beforeAll(async () => {
  const observer = openTelemetryObserver({ tracer, meter });
  server = createServer({ port: 0 }, { observer });
  ({ url } = await server.listen());
  await using s2 = connect();
  await s2.basins.create({ basin: BASIN, config: { createStreamOnAppend: true } });
});
afterAll(async () => {
  await server.close();
  await Promise.all([tracers.shutdown(), meters.shutdown()]);
});
beforeEach(() => spans.reset());

function connect(hooks: S2Hooks = {}): S2 {
  const endpoints = { account: url, basin: url };
  return new S2({ accessToken: "top-secret-token", endpoints }, { hooks });
}

/** All points of a metric, by name. */
async function pointsOf(name: string): Promise<readonly { attributes: object; value: unknown }[]> {
  await reader.forceFlush();
  return kept
    .getMetrics()
    .slice(-1)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) => dataPoints as { attributes: object; value: unknown }[]);
}

it("sees calls, sessions and failures of the client, and no secret", async () => {
  await using s2 = connect(openTelemetryHooks({ tracer, meter }));
  const stream = s2.basin(BASIN).stream("watched");
  const session = await stream.appendSession();
  await (await session.submit({ records: [AppendRecord.string({ body: "private" })] })).ack();
  await session.close();
  for await (const _ of await stream.readToTail()) continue;
  await expect(s2.basin(BASIN).stream("missing").checkTail()).rejects.toThrow();
  const client = spans.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT);
  const failed = client.find(({ status }) => status.code === 2);
  expect(failed?.attributes).toMatchObject({
    "http.response.status_code": 404,
    "error.type": "stream_not_found",
    "s2.basin": BASIN,
    "s2.stream": "missing",
    "s2.attempt": 1,
  });
  expect(failed?.status.code).toBe(2);
  expect(await pointsOf("s2.client.append.records")).toMatchObject([
    { attributes: { "s2.operation": "append", "s2.basin": BASIN }, value: 1 },
  ]);
  expect(await pointsOf("s2.client.read.records")).toMatchObject([{ value: 1 }]);
  expect(await pointsOf("s2.client.append.duration")).toHaveLength(1);
  expect(await pointsOf("s2.client.request.duration")).not.toHaveLength(0);
  const told = JSON.stringify(client.map(({ attributes, events }) => [attributes, events]));
  expect(told).not.toMatch(/private|top-secret/);
});

it("has one series a basin unless streams are asked for", async () => {
  await using s2 = connect(openTelemetryHooks({ tracer, meter, isPerStream: true }));
  const session = await s2.basin(BASIN).stream("of-its-own").appendSession();
  await (await session.submit({ records: [AppendRecord.string({ body: "x" })] })).ack();
  await session.close();
  const points = await pointsOf("s2.client.append.records");
  expect(points.map(({ attributes }) => "s2.stream" in attributes)).toEqual([false, true]);
});

it("sees requests of the server below the span of who asks, and its appends", async () => {
  const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const path = "/v1/streams/asked/records";
  const answer = await fetch(url + path, {
    method: "POST",
    headers: {
      "s2-basin": BASIN,
      "content-type": "application/json",
      traceparent: parent,
      authorization: "Bearer top-secret-token",
    },
    body: JSON.stringify({ records: [{ body: "private" }] }),
  });
  expect(answer.status).toBe(200);
  await fetch(`${url}/v1/nowhere`);
  await expect.poll(() => spans.getFinishedSpans().length).toBe(2);
  const [append, nowhere] = spans.getFinishedSpans();
  expect(append).toMatchObject({
    name: "POST /v1/streams/{stream}/records",
    kind: SpanKind.SERVER,
    parentSpanContext: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" },
    attributes: {
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "http.route": "/v1/streams/{stream}/records",
      "s2.basin": BASIN,
    },
  });
  expect(nowhere).toMatchObject({ name: "GET", attributes: { "http.response.status_code": 404 } });
  expect(nowhere?.parentSpanContext).toBeUndefined();
  expect(JSON.stringify(spans.getFinishedSpans().map(({ attributes }) => attributes))).not.toMatch(
    /private|top-secret|asked/,
  );
  const [records] = await pointsOf("s2.server.append.records");
  expect(records?.value).toBeGreaterThan(0);
  expect(await pointsOf("s2.server.append.duration")).toHaveLength(1);
  expect(await pointsOf("http.server.request.duration")).not.toHaveLength(0);
});

it("goes on behind the stream: from a submit to whoever reads the record", async () => {
  await using s2 = connect();
  const stream = s2.basin(BASIN).stream("traced");
  const root = tracer.startSpan("order");
  const caller = trace.setSpan(ROOT_CONTEXT, root);
  await using producer = new Producer(await stream.appendSession());
  const first = await tracedSubmit(producer, AppendRecord.string({ body: "1" }), {
    tracer,
    context: caller,
  });
  await first.ack();
  await stream.append({
    records: [withTraceContext(AppendRecord.string({ body: "2" }), caller)],
  });
  await stream.append({ records: [AppendRecord.string({ body: "3" })] });
  root.end();
  const parents: (string | undefined)[] = [];
  for await (const record of await stream.readToTail()) {
    const handled = tracer.startSpan("handle", {}, traceContextOf(record, context.active()));
    handled.end();
    const found = spans
      .getFinishedSpans()
      .find((span) => span.spanContext().spanId === handled.spanContext().spanId);
    parents.push(found?.parentSpanContext?.spanId);
  }
  await expect
    .poll(() => spans.getFinishedSpans().some(({ name }) => name === "s2 submit"))
    .toBe(true);
  const submit = spans.getFinishedSpans().find(({ name }) => name === "s2 submit");
  expect(submit?.kind).toBe(SpanKind.PRODUCER);
  expect(submit?.attributes["s2.seq_num"]).toBe(0);
  expect(submit?.parentSpanContext?.spanId).toBe(root.spanContext().spanId);
  expect(parents).toEqual([submit?.spanContext().spanId, root.spanContext().spanId, undefined]);
});

it("ends a span with what a submit failed with", async () => {
  await using s2 = connect();
  const producer = new Producer(await s2.basin(BASIN).stream("closed").appendSession());
  await producer.close();
  const record = AppendRecord.string({ body: "x" });
  await expect(tracedSubmit(producer, record, { tracer })).rejects.toThrow();
  const [span] = spans.getFinishedSpans().filter(({ name }) => name === "s2 submit");
  expect(span?.attributes["error.type"]).toBe("SESSION_CLOSED");
  expect(span?.status.code).toBe(2);
});

it("counts what is no method of HTTP as one, and believes no trace context of another length", async () => {
  const observer = openTelemetryObserver({ tracer, meter });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more";
  const request = { path: "/", status: 405, code: undefined, tookMs: 1 };
  const nobody = { basin: undefined, tokenId: undefined, route: undefined, tracestate: undefined };
  for (const method of ["BREW", "BREW2"])
    observer.requestAnswered?.({ ...request, ...nobody, method, traceparent });
  const [span] = spans.getFinishedSpans();
  expect(span).toMatchObject({ name: "HTTP", attributes: { "http.request.method": "_OTHER" } });
  expect(span?.parentSpanContext).toBeUndefined();
  const points = await pointsOf("http.server.request.duration");
  const methods = points.map(({ attributes }) => Object.values(attributes)[0]);
  expect(methods.filter((method) => !["GET", "POST"].includes(String(method)))).toEqual(["_OTHER"]);
});

it("changes nothing when a watcher throws", async () => {
  const observer = {
    requestAnswered: () => {
      throw new Error("broken watcher");
    },
    appendAdmitted: () => {
      throw new Error("broken watcher");
    },
    appendAcked: () => {
      throw new Error("broken watcher");
    },
  };
  const other = createServer({ port: 0 }, { observer });
  const { url: address } = await other.listen();
  const s2 = new S2({ accessToken: "ignored", endpoints: { account: address, basin: address } });
  await s2.basins.create({ basin: BASIN, config: { createStreamOnAppend: true } });
  const { start } = await s2
    .basin(BASIN)
    .stream("s")
    .append({ records: [AppendRecord.string({ body: "x" })] });
  expect(start.seqNum).toBe(0);
  await s2.close();
  await other.close();
});
