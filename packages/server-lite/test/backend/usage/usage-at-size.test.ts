// Usage with many basins and streams, and over the death of a process: nothing that was counted starves,
// is lost at a clean stop, or stays wrong; nothing is kept about what is gone.

import { type AppendAck, encodeAppendInput, seededRandom, trimRecord } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import { createMemoryMedium } from "../../../src/storage/memory/memory.js";
import { type BackendNode, kill, openNode, START_MS, settled } from "../../support/backend-node.js";

const BASIN = "test-basin";

function append(
  { backend }: BackendNode,
  address: { basin: string; stream: string },
  bodies: readonly string[],
  trim?: number,
): Promise<AppendAck> {
  const records = bodies.map((body) => ({ headers: [], body: Buffer.from(body) }));
  const message = encodeAppendInput({
    records: trim === undefined ? records : [...records, trimRecord(trim)],
  });
  return new Promise((acked, failed) => {
    void backend.append(() => backend.openAppend(address), message, { acked, failed });
  });
}

/** Metered bytes of one record of a letter. */
const ONE = 9;

async function sizeOf(node: BackendNode, basin: string, stream?: string): Promise<number> {
  const nowSecs = Math.floor(node.clock.now() / 1000);
  const [gauge] = await node.backend.metrics(
    node.backend.ask(),
    {
      level: stream === undefined ? "basin" : "stream",
      basin,
      visibleBasins: { prefix: "" },
      ...(stream === undefined ? {} : { stream }),
    },
    { set: "storage", startSecs: nowSecs - 7200, endSecs: nowSecs + 60 },
  );
  return gauge?.kind === "gauge" ? (gauge.values.at(-1)?.[1] ?? 0) : 0;
}

async function appendsOf(node: BackendNode, basin: string): Promise<number> {
  const nowSecs = Math.floor(node.clock.now() / 1000);
  const [metric] = await node.backend.metrics(
    node.backend.ask(),
    { level: "basin", basin, visibleBasins: { prefix: "" } },
    { set: "append-ops", startSecs: nowSecs - 7200, endSecs: nowSecs + 60 },
  );
  return metric?.kind === "accumulation"
    ? metric.values.reduce((sum, [, value]) => sum + value, 0)
    : 0;
}

async function withStreams(
  node: BackendNode,
  basins: readonly string[],
  streams: readonly string[],
): Promise<void> {
  for (const basin of basins) {
    node.backend.basins.create({ basin });
    for (const stream of streams) node.backend.shard.streams.create({ basin, stream });
  }
  await settled(node);
}

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}-${String(at).padStart(5, "0")}`);

describe("usage of many", () => {
  it("writes every busy basin at each flush, however many there are", async () => {
    const node = openNode();
    const basins = numbered("busy", 2300);
    await withStreams(node, basins, ["s"]);
    for (let round = 0; round < 2; round++) {
      for (const basin of basins) await append(node, { basin, stream: "s" }, ["x"]);
      await node.backend.shard.usage.flush();
      expect(node.backend.shard.usage.pendingCount).toBe(0);
    }
    expect(await appendsOf(node, basins.at(-1) ?? "")).toBe(2);
    expect(await sizeOf(node, basins.at(-1) ?? "")).toBe(2 * ONE);
  });

  it("writes everything at a clean stop, and nothing is counted anew after it", async () => {
    const medium = createMemoryMedium();
    const clock = createSimulatedClock(START_MS);
    const first = openNode(medium, clock);
    const streams = numbered("s", 2300);
    await withStreams(first, [BASIN], streams);
    for (const stream of streams) await append(first, { basin: BASIN, stream }, ["x"]);
    await first.backend.close();
    await first.storage.close();
    const second = openNode(medium, clock);
    await settled(second);
    expect(second.work.entries).toBeLessThan(20);
    expect(await sizeOf(second, BASIN)).toBe(streams.length * ONE);
    expect(await appendsOf(second, BASIN)).toBe(streams.length);
  });

  it("removes expired buckets as fast as they were made", async () => {
    const node = openNode();
    await withStreams(node, numbered("busy", 1200), ["s"]);
    const rows = (): number =>
      node.storage.scanMeta({ prefix: Buffer.from("u/minute/"), limit: 10_000 }).length;
    for (let minute = 0; minute < 3; minute++) {
      for (const basin of numbered("busy", 1200))
        node.backend.shard.usage.operated("list-streams", basin, 200);
      await node.backend.shard.usage.flush();
      node.clock.jump(60_000);
    }
    expect(rows()).toBeGreaterThan(3000);
    node.clock.jump(4 * 86_400_000);
    await node.clock.advanceAsync(70_000);
    await settled(node);
    expect(rows()).toBe(0);
  });

  it("remembers no counters of what is not used any more", async () => {
    const node = openNode();
    await withStreams(node, numbered("busy", 30), ["s"]);
    for (const basin of numbered("busy", 30)) {
      node.backend.shard.usage.operated("list-streams", basin, 200);
      node.backend.basins.delete(basin);
      node.backend.shard.usage.operated("get-basin-config", basin, 200);
    }
    await node.clock.advanceAsync(30_000);
    await settled(node);
    expect(node.backend.shard.usage.pendingCount).toBe(0);
    expect(node.errors).toEqual([]);
  });
});

describe("sizes after a process was killed", () => {
  it("are counted again from the storage, for streams and their basin", async () => {
    const medium = createMemoryMedium();
    const clock = createSimulatedClock(START_MS);
    const first = openNode(medium, clock);
    await withStreams(first, [BASIN], ["known", "new", "trimmed"]);
    for (const stream of ["known", "trimmed"])
      await append(first, { basin: BASIN, stream }, ["a", "b"]);
    await first.backend.shard.usage.flush();
    await append(first, { basin: BASIN, stream: "known" }, ["c"]);
    await append(first, { basin: BASIN, stream: "new" }, ["a", "b", "c", "d"]);
    await append(first, { basin: BASIN, stream: "trimmed" }, ["c"]);
    await append(first, { basin: BASIN, stream: "trimmed" }, [], 3);
    kill(first);

    const second = openNode(medium, clock);
    // An append of the new process must not hide what the old one did not write.
    await append(second, { basin: BASIN, stream: "known" }, ["d"]);
    await settled(second);
    expect(await sizeOf(second, BASIN, "known")).toBe(4 * ONE);
    expect(await sizeOf(second, BASIN, "new")).toBe(4 * ONE);
    // What is left is the trim command: it has no body, and a header without a name.
    const trimOnly = await sizeOf(second, BASIN, "trimmed");
    expect(trimOnly).toBe(8 + 2 + 4 + 8);
    expect(await sizeOf(second, BASIN)).toBe(8 * ONE + trimOnly);
    expect(second.errors).toEqual([]);
  });

  it("agree with the storage after any appends, flushes and kills", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(seed);
      const medium = createMemoryMedium();
      const clock = createSimulatedClock(START_MS);
      let node = openNode(medium, clock);
      const streams = ["a", "b", "c"];
      await withStreams(node, [BASIN], streams);
      for (let step = 0; step < 60; step++) {
        const stream = streams[Math.floor(random.next() * 3)] ?? "a";
        const roll = random.next();
        if (roll < 0.7) {
          const bodies = Array.from({ length: 1 + Math.floor(random.next() * 3) }, () => "x");
          await append(node, { basin: BASIN, stream }, bodies);
        } else if (roll < 0.78) await node.backend.shard.usage.flush();
        else if (roll < 0.9) await clock.advanceAsync(1000 * Math.floor(random.next() * 40));
        else {
          kill(node);
          node = openNode(medium, clock);
          if (random.next() < 0.5) await settled(node);
        }
      }
      await settled(node);
      await node.backend.shard.usage.flush();
      await settled(node);
      let sum = 0;
      for (const stream of streams) {
        const size = await sizeOf(node, BASIN, stream);
        expect([seed, stream, size]).toEqual([seed, stream, await storedBytes(node, stream)]);
        sum += size;
      }
      expect(await sizeOf(node, BASIN)).toBe(sum);
      expect(node.errors).toEqual([]);
    }
  });
});

async function storedBytes({ backend, storage }: BackendNode, stream: string): Promise<number> {
  const streamId = backend.shard.catalog.stream(BASIN, stream)?.streamId ?? 0;
  const limits = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };
  const batches = await storage.read(streamId, 0, limits);
  return batches.reduce((sum, { meteredBytes }) => sum + meteredBytes, 0);
}

describe("usage of a basin that was deleted", () => {
  it("is gone: one of the same name starts from zero", async () => {
    const node = openNode();
    await withStreams(node, [BASIN], ["s"]);
    await append(node, { basin: BASIN, stream: "s" }, ["x"]);
    expect([await sizeOf(node, BASIN), await appendsOf(node, BASIN)]).toEqual([ONE, 1]);
    node.backend.basins.delete(BASIN);
    for (let step = 0; step < 8; step++) {
      // Requests to a basin that goes are answered, and counted for nobody.
      node.backend.shard.usage.operated("list-streams", BASIN, 200);
      await node.backend.shard.usage.flush();
      await node.clock.advanceAsync(250);
      await settled(node);
    }
    const rows = node.storage.scanMeta({ prefix: Buffer.from("u/"), limit: 999 });
    const named = rows
      .map(({ key }) => Buffer.from(key).toString())
      .filter((key) => key.endsWith(BASIN));
    expect(named.map((key) => key.replace(/\d+/, "*"))).toEqual([`u/past/*/${BASIN}`]);
    await withStreams(node, [BASIN], ["s"]);
    expect([await sizeOf(node, BASIN), await appendsOf(node, BASIN)]).toEqual([0, 0]);
    await append(node, { basin: BASIN, stream: "s" }, ["x"]);
    expect([await sizeOf(node, BASIN), await appendsOf(node, BASIN)]).toEqual([ONE, 1]);
  });

  it("still names it among the basins of the time when it had streams", async () => {
    const node = openNode();
    await withStreams(node, [BASIN], ["s"]);
    const names = async (startSecs: number, endSecs: number): Promise<readonly string[]> => {
      const target = { level: "account" as const, visibleBasins: { prefix: "" } };
      const query = { set: "active-basins" as const, startSecs, endSecs };
      const [label] = await node.backend.metrics(node.backend.ask(), target, query);
      return label?.kind === "label" ? label.values : [];
    };
    const start = START_MS / 1000;
    expect(await names(start - 60, start + 60)).toEqual([BASIN]);
    await node.clock.advanceAsync(3 * 3_600_000);
    node.backend.basins.delete(BASIN);
    await node.clock.advanceAsync(7_200_000);
    await settled(node);
    expect(node.backend.shard.catalog.basin(BASIN)).toBeUndefined();
    expect(await names(start, start + 60)).toEqual([BASIN]);
    expect(await names(start + 3600, start + 7200)).toEqual([BASIN]);
    expect(await names(start + 4 * 3600, start + 5 * 3600)).toEqual([]);
  });
});
