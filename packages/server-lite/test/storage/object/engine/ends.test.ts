import { afterEach, describe, expect, it } from "vitest";
import type { Mutation } from "../../../../src/storage/storage.js";
import { BenchNode, BucketBench } from "./bucket-bench.js";

const put = (key: string, bytes = 10): Mutation => ({
  kind: "put",
  key: Buffer.from(key),
  value: new Uint8Array(bytes),
});

let bench: BucketBench;
afterEach(() => bench.stop());

describe("the end of an owner", () => {
  it("comes with the first commit after another took the shard: the outcome is unknown", async () => {
    bench = new BucketBench();
    const first = await bench.open(new BenchNode("a"));
    await first.whenDurable(first.commit([put("k")]).position);
    const second = await bench.open(new BenchNode("b"));
    expect(second.ownerEpoch).toBe(first.ownerEpoch + 1);
    const { position } = first.commit([put("late")]);
    await expect(first.whenDurable(position)).rejects.toThrow(
      `another process took the shard over epoch=${second.ownerEpoch}`,
    );
    expect(first.status).toBe("fenced");
    expect(second.getMeta(Buffer.from("k"))).toBeDefined();
    expect(second.getMeta(Buffer.from("late"))).toBeUndefined();
    await Promise.all([first.close(), second.close()]);
  });

  it("comes with the next checkpoint too", async () => {
    bench = new BucketBench();
    const first = await bench.open(new BenchNode("a"));
    const second = await bench.open(new BenchNode("b"));
    await expect(first.checkpoint()).rejects.toThrow("another process took the shard over");
    expect(first.status).toBe("fenced");
    await Promise.all([first.close(), second.close()]);
  });

  it("does not wait for a bucket that is silent, and gives nothing away then", async () => {
    bench = new BucketBench();
    const node = new BenchNode("a");
    const storage = await bench.open(node);
    node.failure = "unknown";
    const { position } = storage.commit([put("k")]);
    const waiting = storage.whenDurable(position);
    waiting.catch(() => undefined);
    storage.checkpoint().catch(() => undefined);
    await storage.close();
    await expect(waiting).rejects.toThrow("closed before the bucket took its commits");
    node.failure = undefined;
    const next = await bench.open(new BenchNode("b"));
    expect(next.ownerEpoch).toBe(storage.ownerEpoch + 1);
    await next.close();
  });
});

describe("an owner in an outage", () => {
  it("takes no more than it was allowed, and goes on when the bucket is back", async () => {
    bench = new BucketBench();
    const node = new BenchNode("a");
    const storage = await bench.open(node, { maxQueuedBytes: 64 * 1024, groupBytes: 8192 });
    node.failure = "busy";
    let last = 0;
    const flood = (): void => {
      for (let each = 0; each < 1000; each++)
        last = storage.commit([put(`k${each}`, 1000)]).position;
    };
    expect(flood).toThrow(/too many bytes wait for the bucket max=65536/);
    expect(last).toBeGreaterThan(30);
    expect(last).toBeLessThan(80);
    node.failure = undefined;
    await storage.whenDurable(last);
    const { position } = storage.commit([put("after")]);
    await storage.whenDurable(position);
    await storage.close();
  });
});

describe("a bucket", () => {
  it("that holds the store of somebody else's number of shards is refused", async () => {
    bench = new BucketBench();
    await (await bench.open(new BenchNode("a"))).close();
    await expect(bench.open(new BenchNode("b"), { shards: 8 })).rejects.toThrow("shards=1 asked=8");
  });

  it("that lost what says what it is, is refused and not made anew", async () => {
    bench = new BucketBench();
    await (await bench.open(new BenchNode("a"))).close();
    bench.bucket.lose("cluster");
    await expect(bench.open(new BenchNode("b"))).rejects.toThrow("has objects but no cluster");
    expect(bench.bucket.objects.has("cluster")).toBe(false);
  });

  it("is made a store by one of those who come first, whoever it is", async () => {
    bench = new BucketBench({ lost: 0.3 });
    const engines = await Promise.all(
      ["a", "b", "c"].map((name) => bench.open(new BenchNode(name))),
    );
    const epochs = engines.map(({ ownerEpoch }) => ownerEpoch);
    expect(new Set(epochs).size).toBe(3);
    await Promise.all(engines.map((engine) => engine.close()));
  });
});
