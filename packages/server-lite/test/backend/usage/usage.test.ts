import { type AppendAck, encodeAppendInput, trimRecord } from "@s2kit/core";
import {
  type Metric,
  type MetricLevel,
  type MetricSet,
  type MetricsQuery,
} from "@s2kit/core/control";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import { BUCKET_RETENTION_SECS } from "../../../src/backend/usage/buckets.js";
import { answerMetrics } from "../../../src/backend/usage/metrics-answer.js";
import { createMemoryMedium } from "../../../src/storage/memory/memory.js";
import { type BackendNode, kill, openNode, START_MS, settled } from "../../support/backend-node.js";

const START = START_MS / 1000;
const MINUTE = START - 30;
const ADDRESS = { basin: "test-basin", stream: "s" };

type Node = BackendNode;

function append(
  { backend }: Node,
  bodies: readonly string[],
  trim?: number,
  connection?: object,
): Promise<AppendAck> {
  const records = bodies.map((body) => ({ headers: [], body: Buffer.from(body) }));
  const message = encodeAppendInput({
    records: trim === undefined ? records : [...records, trimRecord(trim)],
  });
  return new Promise((acked, failed) => {
    void backend.append(() => backend.openAppend({ ...ADDRESS, connection }), message, {
      acked,
      failed,
    });
  });
}

function ask(
  node: Node,
  level: MetricLevel,
  set: MetricSet,
  query: Partial<MetricsQuery> = {},
): Promise<readonly Metric[]> {
  const nowSecs = Math.floor(node.clock.now() / 1000);
  const target = {
    level,
    ...(level === "account" ? {} : { basin: "test-basin" }),
    ...(level === "stream" ? { stream: "s" } : {}),
    visibleBasins: { prefix: "" },
  };
  return node.backend.metrics(node.backend.ask(), target, {
    set,
    startSecs: nowSecs - 7200,
    endSecs: nowSecs + 60,
    ...query,
  });
}

function withStream(node: Node): Node {
  node.backend.basins.create({ basin: "test-basin" });
  node.backend.shard.streams.create(ADDRESS);
  return node;
}

describe("usage", () => {
  it("counts appends by storage class, in the minute in which they were acknowledged", async () => {
    const node = withStream(openNode());
    await append(node, ["hello"]);
    await append(node, ["hello", "world"]);
    await node.clock.advanceAsync(60_000);
    node.backend.shard.streams.reconfigure(ADDRESS, { storageClass: "standard" });
    await append(node, ["x"]);
    expect(await ask(node, "basin", "append-ops")).toEqual([
      {
        kind: "accumulation",
        name: "express",
        unit: "operations",
        interval: "minute",
        values: [[MINUTE, 2]],
      },
      {
        kind: "accumulation",
        name: "standard",
        unit: "operations",
        interval: "minute",
        values: [[MINUTE + 60, 1]],
      },
    ]);
    expect(await ask(node, "basin", "append-throughput", { interval: "hour" })).toMatchObject([
      { name: "express", unit: "bytes", interval: "hour", values: [[MINUTE, 39]] },
      { name: "standard", values: [[MINUTE, 9]] },
    ]);
    expect(
      await ask(node, "basin", "append-ops", { interval: "day", startSecs: START - 86_400 }),
    ).toMatchObject([
      { interval: "day", values: [[START - (START % 86_400), 2]] },
      { interval: "day", values: [[START - (START % 86_400), 1]] },
    ]);
  });

  it("counts a minute of appends on a connection as one operation", async () => {
    const node = withStream(openNode());
    const connection = {};
    for (let turn = 0; turn < 10; turn++) await append(node, ["x"], undefined, connection);
    await append(node, ["x"], undefined, {});
    await node.clock.advanceAsync(60_000);
    await append(node, ["x"], undefined, connection);
    expect((await ask(node, "basin", "append-ops")).map(shape)).toEqual([
      [
        "express",
        [
          [MINUTE, 2],
          [MINUTE + 60, 1],
        ],
      ],
    ]);
  });

  it("counts appends to any storage class, and a bounded number of classes apart", async () => {
    const node = withStream(openNode());
    for (let at = 0; at < 30; at++) {
      node.backend.shard.streams.reconfigure(ADDRESS, { storageClass: `class-${at}` });
      await append(node, ["x"]);
      if (at % 7 === 0) await node.backend.shard.usage.flush();
    }
    const series = await ask(node, "basin", "append-throughput");
    const names = series.map(({ name }) => name);
    expect(names).toContain("class-0");
    expect(names).toContain("other");
    expect(names.length).toBeLessThanOrEqual(20);
    const bytes = series.map((each) => (each.kind === "accumulation" ? each.values : []));
    expect(bytes.flat().reduce((sum, [, value]) => sum + value, 0)).toBe(30 * 9);
  });

  it("answers the running bucket when a range begins and ends now", async () => {
    const node = withStream(openNode());
    await append(node, ["x"]);
    const now = { startSecs: START, endSecs: START };
    expect((await ask(node, "basin", "append-throughput", now)).map(shape)).toEqual([
      ["express", [[MINUTE, 9]]],
    ]);
    expect((await ask(node, "stream", "storage", now)).map(shape)).toEqual([
      ["metered_size", [[MINUTE, 9]]],
    ]);
  });

  it("tells dollars by dimension and in total, of hours that are over", async () => {
    const node = withStream(openNode());
    await append(node, ["hello"]);
    const { catalog, usage } = node.backend.shard;
    const billed = (): Promise<readonly Metric[]> =>
      answerMetrics(
        [{ catalog, usage }],
        { level: "account", visibleBasins: { prefix: "" } },
        { set: "estimated-billable-usage", startSecs: START - 7200, endSecs: usage.nowSecs },
        { appendOpsThousand: 1000, appendGib: 2 ** 30 },
      );
    expect(await billed()).toEqual([]);
    await node.clock.advanceAsync(2 * 3_600_000);
    const hour = START - (START % 3600);
    const first = (await billed()).map((each) =>
      each.kind === "accumulation" ? [each.name, each.unit, each.values[0]] : [],
    );
    expect(first).toEqual([
      ["append_ops", "usd", [hour, 1]],
      ["append_throughput", "usd", [hour, 13]],
      ["total", "usd", [hour, 14]],
    ]);
  });

  it("counts a unary read once and a session by the minutes in which it delivered", async () => {
    const node = withStream(openNode());
    await append(node, ["hello"]);
    const from = { seqNum: 0 };
    const unary = await node.backend.openRead(ADDRESS, { from, count: 1 }, { kind: "unary" });
    await unary.next();
    const session = await node.backend.openRead(ADDRESS, { from });
    await session.next();
    await append(node, ["live"]);
    for (let delivered = 0; delivered === 0; ) delivered = (await session.next())?.count ?? 1;
    session.close();
    expect(await ask(node, "basin", "read-ops")).toMatchObject([
      { name: "streaming", values: [[MINUTE, 1]] },
      { name: "unary", values: [[MINUTE, 1]] },
    ]);
    expect(await ask(node, "basin", "read-throughput")).toMatchObject([
      { name: "read_throughput", unit: "bytes", values: [[MINUTE, 13 + 13 + 12]] },
    ]);
  });

  it("counts operations at the level of their route", async () => {
    const node = withStream(openNode());
    const { usage } = node.backend.shard;
    usage.operated("list-basins", "", 200);
    usage.operated("ensure-basin", "", 201);
    usage.operated("ensure-basin", "", 200);
    usage.operated("check-tail", "test-basin", 200);
    usage.operated("ensure-stream", "test-basin", 200);
    expect((await ask(node, "account", "account-ops")).map(shape)).toEqual([
      ["list_basins", [[MINUTE, 1]]],
      ["create_basin", [[MINUTE, 1]]],
      ["reconfigure_basin", [[MINUTE, 1]]],
    ]);
    expect((await ask(node, "basin", "basin-ops")).map(shape)).toEqual([
      ["reconfigure_stream", [[MINUTE, 1]]],
      ["check_tail", [[MINUTE, 1]]],
    ]);
  });

  it("survives a clean restart whole, and a crash up to the last flush", async () => {
    const medium = createMemoryMedium();
    const clock = createSimulatedClock(START_MS);
    const first = withStream(openNode(medium, clock));
    await append(first, ["hello"]);
    await first.backend.close();
    const second = openNode(medium, clock);
    await append(second, ["hello"]);
    await clock.advanceAsync(15_000);
    await settled(second);
    await append(second, ["lost in the crash"]);
    kill(second);
    const third = openNode(medium, clock);
    expect((await ask(third, "basin", "append-ops")).map(shape)).toEqual([
      ["express", [[MINUTE, 2]]],
    ]);
  });

  it("shows the storage of stream and basin once per interval, less what is trimmed", async () => {
    const node = withStream(openNode());
    await append(node, ["hello", "world"]);
    await node.backend.shard.usage.flush();
    await node.clock.advanceAsync(120_000);
    expect(await ask(node, "stream", "storage")).toEqual([
      {
        kind: "gauge",
        name: "metered_size",
        unit: "bytes",
        values: [
          [MINUTE, 26],
          [MINUTE + 60, 26],
          [MINUTE + 120, 26],
        ],
      },
    ]);
    expect((await ask(node, "basin", "storage")).map(shape)).toEqual([
      ["metered_size", [[MINUTE, 26]]],
    ]);
    await append(node, [], 2);
    expect((await ask(node, "stream", "storage")).map(shape)).toEqual([
      [
        "metered_size",
        [
          [MINUTE, 26],
          [MINUTE + 60, 26],
          [MINUTE + 120, 22],
        ],
      ],
    ]);
    expect((await ask(node, "basin", "storage")).map(shape)).toEqual([
      ["metered_size", [[MINUTE, 22]]],
    ]);
  });

  it("takes a deleted stream from its basin with the purge", async () => {
    const node = withStream(openNode());
    await append(node, ["hello"]);
    await node.backend.shard.usage.flush();
    node.backend.shard.streams.delete(ADDRESS);
    await node.clock.advanceAsync(3_600_000);
    const [gauge] = await ask(node, "basin", "storage");
    expect(gauge?.kind === "gauge" && gauge.values.at(-1)).toEqual([MINUTE + 3600, 0]);
    expect(await ask(node, "stream", "storage")).toEqual([]);
  });

  it("names basins that had streams in the period, of those that the asker may see", async () => {
    const node = withStream(openNode());
    node.backend.basins.create({ basin: "without-streams" });
    const names = (query: Partial<MetricsQuery> = {}): Promise<unknown> =>
      ask(node, "account", "active-basins", query);
    const label = (values: string[]): unknown => [{ kind: "label", name: "active_basins", values }];
    expect(await names()).toEqual(label(["test-basin"]));
    const untilNow = { startSecs: START - 3600, endSecs: node.clock.now() / 1000 };
    expect(await names(untilNow)).toEqual(label(["test-basin"]));
    expect(await names({ startSecs: 0, endSecs: 3600 })).toEqual(label([]));
    await node.clock.advanceAsync(120_000);
    node.backend.shard.streams.delete(ADDRESS);
    await node.clock.advanceAsync(7_200_000);
    expect(await names({ startSecs: START, endSecs: START + 600 })).toEqual(label(["test-basin"]));
    const nowSecs = node.clock.now() / 1000;
    expect(await names({ startSecs: nowSecs - 60, endSecs: nowSecs })).toEqual(label([]));
    expect(
      await node.backend.metrics(
        node.backend.ask(),
        { level: "account", visibleBasins: { prefix: "other" } },
        { set: "active-basins", startSecs: START, endSecs: START + 600 },
      ),
    ).toEqual(label([]));
  });

  it("writes nothing for ten minutes in which nothing happens", async () => {
    const node = withStream(openNode());
    await append(node, ["x"]);
    await node.clock.advanceAsync(120_000);
    const position = node.backend.shard.storage.durable;
    await node.clock.advanceAsync(480_000);
    expect(node.backend.shard.storage.durable).toBe(position);
  });

  it("keeps a bounded number of rows, however long it runs", async () => {
    const node = withStream(openNode());
    await append(node, ["x"]);
    await node.backend.shard.usage.flush();
    const rows = (): number =>
      node.backend.shard.storage.scanMeta({ prefix: Buffer.from("u/minute/"), limit: 10_000 })
        .length;
    expect(rows()).toBeGreaterThan(0);
    node.clock.jump((BUCKET_RETENTION_SECS.minute + 3600) * 1000);
    await node.clock.advanceAsync(120_000);
    expect(rows()).toBe(0);
    expect(
      node.backend.shard.storage.scanMeta({ prefix: Buffer.from("u/hour/"), limit: 9 }).length,
    ).toBeGreaterThan(0);
  });

  it("says nothing about basins and streams that do not exist", async () => {
    const node = openNode();
    expect(await ask(node, "basin", "storage")).toEqual([]);
    expect(await ask(node, "basin", "append-ops")).toEqual([]);
    expect(await ask(node, "stream", "storage")).toEqual([]);
  });
});

function shape(metric: Metric): unknown {
  return [metric.name, "values" in metric ? metric.values : undefined];
}
