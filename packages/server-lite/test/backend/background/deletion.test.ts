// The purge below the API: what it leaves, what it resumes, and what a commit that fails does to it.

import { encodeAppendInput, S2Error } from "@s2kit/core";
import { createSimulatedClock } from "@s2kit/core/testing";
import { describe, expect, it } from "vitest";
import { DELETION_DELAY_MS } from "../../../src/backend/background/deletion.js";
import { BASIN } from "../../../src/backend/catalog/keys/basin.js";
import { STREAM } from "../../../src/backend/catalog/keys/stream.js";
import { createMemoryMedium, createMemoryStorage } from "../../../src/storage/memory/memory.js";
import type { Mutation } from "../../../src/storage/storage.js";
import {
  type BackendNode,
  fill,
  kill,
  openNode,
  row,
  START_MS,
  settled,
} from "../../support/backend-node.js";

const basin = "test-basin";

async function pass(node: BackendNode, ms: number): Promise<void> {
  await settled(node);
  for (let step = 0; step < 4; step++) {
    await node.clock.advanceAsync(ms / 4);
    await settled(node);
  }
}

/** Keys of metadata without those that every store has. */
function keysOf({ storage }: BackendNode): string[] {
  const keys = storage.scanMeta({ prefix: new Uint8Array(0), limit: 10_000 });
  return keys
    .map(({ key }) => Buffer.from(key).toString("utf8"))
    .filter((key) => !/^(n\/|b\/)/.test(key) && !/^u\/(minute|hour|day)\/\d+\/$/.test(key));
}

function made(streams: readonly string[], node: BackendNode = openNode()): BackendNode {
  node.backend.basins.create({ basin });
  for (const stream of streams) {
    node.backend.shard.streams.create({
      basin,
      stream,
      config: { deleteOnEmpty: { minAgeSecs: 9 } },
    });
    fill(node, basin, stream);
  }
  return node;
}

/** Makes commits that drop a stream fail, until it is told to stop. */
function refusingDrops({ work }: BackendNode): () => void {
  work.beforeCommit = (mutations) => {
    if (mutations.some(({ kind }) => kind === "drop-stream"))
      throw new S2Error({ code: "hot_server", message: "too many bytes wait for the disk" });
  };
  return () => {
    work.beforeCommit = () => {};
  };
}

describe("the purge", () => {
  it("leaves nothing of a stream, and nothing of a basin", async () => {
    const node = made(["a", "b"]);
    await node.backend.shard.usage.flush();
    node.storage.commit([row("e/1", { sinceMs: START_MS, tailSeqNum: 1 })]);
    const kept = (): string[] => keysOf(node).filter((key) => /0000000000000001|^e\//.test(key));
    expect(kept()).toHaveLength(3);
    node.backend.shard.streams.delete({ basin, stream: "a" });
    await pass(node, 2 * DELETION_DELAY_MS);
    expect(kept()).toEqual([]);
    node.backend.basins.delete(basin);
    await pass(node, 2 * DELETION_DELAY_MS);
    // That it had streams is remembered for the account.
    expect(keysOf(node).map((key) => key.replace(/\d+/, "*"))).toEqual([`u/past/*/${basin}`]);
    expect(node.backend.shard.catalog.basin(basin)).toBeUndefined();
    expect(node.errors).toEqual([]);
  });

  it("removes a basin behind the last of its streams, however many they are", async () => {
    const node = made(Array.from({ length: 230 }, (_, at) => `s${at}`));
    const { backend } = node;
    let leftAtTheEnd = -1;
    node.work.beforeCommit = (mutations) => {
      const isLast = mutations.some(
        (one) => one.kind === "delete" && Buffer.from(one.key).toString() === BASIN.key(basin),
      );
      const streams = backend.shard.catalog.streams(basin, {
        prefix: "",
        startAfter: "",
        limit: 999,
      });
      if (isLast) leftAtTheEnd = streams.items.length;
    };
    backend.basins.delete(basin);
    await pass(node, 2 * DELETION_DELAY_MS);
    expect(backend.shard.catalog.basin(basin)).toBeUndefined();
    expect(leftAtTheEnd).toBe(0);
    expect(node.storage.streamState(230)).toBeUndefined();
  });

  it("goes on at once after a restart", async () => {
    const medium = createMemoryMedium();
    const clock = createSimulatedClock(START_MS);
    const first = made(["a", "b"], openNode(medium, clock));
    first.backend.shard.streams.delete({ basin, stream: "a" });
    kill(first);
    const second = openNode(medium, clock);
    expect(() => second.backend.shard.streams.create({ basin, stream: "a" })).toThrow(
      /deletion pending/,
    );
    await pass(second, 1000);
    expect(second.backend.shard.streams.create({ basin, stream: "a" }).result).toBe("created");
    // A clean stop between the answer and the purge.
    second.backend.basins.delete(basin);
    await second.backend.close();
    await second.storage.close();
    const third = openNode(medium, clock);
    await pass(third, 1000);
    expect(third.backend.basins.create({ basin }).result).toBe("created");
  });

  it("finds what an earlier version deleted, and what that one left of it", async () => {
    const medium = createMemoryMedium();
    const earlier = createMemoryStorage({ medium });
    const { backend } = made(["a", "b", "gone"]);
    const record = (stream: string): object =>
      backend.shard.catalog.stream(basin, stream) as object;
    const plain = { ...record("b"), dueSecs: undefined };
    earlier.commit([
      row(BASIN.key(basin), backend.shard.catalog.basin(basin)),
      row(BASIN.key("going-basin"), { ...backend.shard.catalog.basin(basin), deletedMs: START_MS }),
      ...[1, 2].map(
        (streamId): Mutation => ({ kind: "create-stream", streamId, writtenMs: START_MS }),
      ),
      row(STREAM.key({ basin, stream: "a" }), {
        ...record("a"),
        dueSecs: undefined,
        deletedMs: START_MS,
      }),
      row(STREAM.key({ basin, stream: "b" }), plain),
      row("e/3", { sinceMs: 1, tailSeqNum: 1 }),
      row("u/stream/0000000000000003", { basin, appended: 9, marks: [[0, 9, 1, 9]] }),
      row("u/basin/long-gone", { meteredBytes: 0, marks: [], active: [[1, 2]] }),
    ]);
    const node = openNode(medium);
    await pass(node, 1000);
    expect(node.backend.shard.catalog.basin("going-basin")).toBeUndefined();
    expect(node.storage.streamState(1)).toBeUndefined();
    const left = keysOf(node).filter((key) => !key.startsWith("s/") && !key.startsWith("d/"));
    expect(left.sort()).toEqual(["u/basin/test-basin", "u/past/0000000002/long-gone"]);
    // What is left is on the agenda: made empty, it goes after the nine seconds of its configuration.
    await pass(node, 120_000);
    expect(node.backend.shard.catalog.stream(basin, "b")).toBeUndefined();
    expect(node.errors).toEqual([]);
  });

  it("looks again for what an earlier version deleted when the store took nothing at first", async () => {
    const medium = createMemoryMedium();
    const earlier = createMemoryStorage({ medium });
    earlier.commit([
      row(BASIN.key("going-basin"), { createdMs: 1, deletedMs: 2, location: "local", config: {} }),
    ]);
    const clock = createSimulatedClock(START_MS);
    const node = openNode(medium, clock, (mutations) => {
      if (clock.monotonic() < 1000 && mutations.some(({ kind }) => kind === "put"))
        throw new S2Error({ code: "storage", message: "the disk is full" });
    });
    await pass(node, 2000);
    expect(String(node.errors[0])).toContain("disk is full");
    expect(node.backend.shard.catalog.basin("going-basin")).toBeDefined();
    await pass(node, 120_000);
    expect(node.backend.shard.catalog.basin("going-basin")).toBeUndefined();
  });

  it("leaves a stream its one writer when the commit fails, and tries again", async () => {
    const node = made(["a"]);
    const { backend, storage } = node;
    const stopRefusing = refusingDrops(node);
    storage.holdDurability();
    // Accepted and not yet durable: nobody may see it.
    const message = encodeAppendInput({ records: [{ headers: [], body: Buffer.from("late") }] });
    const acked = new Promise<number>((resolve) => {
      void backend.append(() => backend.openAppend({ basin, stream: "a" }), message, {
        acked: ({ end }) => resolve(end.seqNum),
        failed: () => resolve(-1),
      });
    });
    const writer = backend.shard.streamers.peek({ basin, stream: "a" });
    expect(backend.checkTail({ basin, stream: "a" }).seqNum).toBe(1);
    backend.basins.delete(basin);
    await pass(node, 2 * DELETION_DELAY_MS);
    expect(String(node.errors[0])).toContain("too many bytes");
    expect(backend.shard.streamers.peek({ basin, stream: "a" })).toBe(writer);
    expect(backend.checkTail({ basin, stream: "a" }).seqNum).toBe(1);
    stopRefusing();
    // Before the ticker comes round.
    await pass(node, 8000);
    expect(storage.streamState(1)).toBeUndefined();
    expect(() => writer?.follow(0, () => undefined)).toThrow(/deletion pending/);
    storage.releaseDurability();
    expect(await acked).toBe(2);
  });
});
