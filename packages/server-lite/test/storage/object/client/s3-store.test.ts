import { describe, expect, it } from "vitest";
import type { ObjectStore } from "../../../../src/storage/object/client/object-store.js";
import { bytesOf, openHarness, textOf } from "./bucket-harness.js";

async function allKeys(
  store: ObjectStore,
  prefix: string,
): Promise<{ keys: string[]; pages: number }> {
  const keys: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await store.list(prefix, cursor);
    keys.push(...page.entries.map(({ key }) => key));
    cursor = page.cursor;
    pages++;
  } while (cursor !== undefined);
  return { keys, pages };
}

describe("a bucket over HTTP", () => {
  it("stores what is absent, once, in one piece, below the prefix", async () => {
    await using harness = await openHarness();
    const { store, double } = harness;
    const parts = [bytesOf("ab"), new Uint8Array(0), bytesOf("cd")];
    expect(await store.putIfAbsent("log/1", parts)).toEqual({ kind: "stored" });
    expect(await store.putIfAbsent("log/1", [bytesOf("other")])).toEqual({ kind: "exists" });
    expect(textOf(await store.get("log/1"))).toBe("abcd");
    expect([...double.objects.keys()]).toEqual(["the prefix/log/1"]);
  });

  it("stores nothing as nothing", async () => {
    await using harness = await openHarness();
    await harness.store.putIfAbsent("empty", []);
    expect(await harness.store.get("empty")).toHaveLength(0);
    expect(await harness.store.exists("empty")).toBe(true);
  });

  it("overwrites where it is asked to", async () => {
    await using harness = await openHarness();
    await harness.store.overwrite("lease", [bytesOf("1")]);
    await harness.store.overwrite("lease", [bytesOf("2")]);
    expect(textOf(await harness.store.get("lease"))).toBe("2");
  });

  it("tells what is missing from what is there", async () => {
    await using harness = await openHarness();
    await harness.store.putIfAbsent("a", [bytesOf("a")]);
    expect(await harness.store.exists("a")).toBe(true);
    expect(await harness.store.exists("b")).toBe(false);
    expect(await harness.store.get("b")).toBeUndefined();
    expect(await harness.store.get("b", { offset: 0, length: 1 })).toBeUndefined();
  });

  it("reads ranges, and what there is of those that reach beyond the end", async () => {
    await using harness = await openHarness();
    const { store } = harness;
    await store.putIfAbsent("a", [bytesOf("0123456789")]);
    const read = async (offset: number, length: number) =>
      textOf(await store.get("a", { offset, length }));
    expect(await read(0, 3)).toBe("012");
    expect(await read(3, 4)).toBe("3456");
    expect(await read(8, 100)).toBe("89");
    expect(await read(10, 1)).toBe("");
  });

  it("lists page by page, with keys of any characters", async () => {
    await using harness = await openHarness({ double: { pageSize: 3 } });
    const { store } = harness;
    const names = [
      "a b",
      "a+b",
      "a%20b",
      "ä€😀",
      "<&>\"'",
      "x/y//z/",
      "(1)!*",
      "tab\there",
      "z".repeat(400),
    ];
    const keys = names.map((name) => `n/${name}`).sort();
    for (const key of [...keys, "m/other", "o/other"]) await store.putIfAbsent(key, [bytesOf(key)]);
    const listed = await allKeys(store, "n/");
    expect(listed.keys.sort()).toEqual(keys);
    expect(listed.pages).toBe(3);
    expect(textOf(await store.get("n/a+b"))).toBe("n/a+b");
    expect((await store.list("n/z")).entries).toEqual([{ key: `n/${"z".repeat(400)}`, size: 402 }]);
    expect(await store.list("nothing")).toEqual({ entries: [] });
  });

  it("removes many in one request, and what XML cannot say by itself", async () => {
    await using harness = await openHarness();
    const { store, double } = harness;
    const keys = ["a", "b&<>", "c\r", "d\u0001", "e"];
    for (const key of keys) await store.putIfAbsent(key, [bytesOf(key)]);
    double.seen.length = 0;
    await store.delete([...keys, "not there"]);
    expect(double.seen).toEqual(["POST ?", "DELETE the prefix/d\u0001"]);
    expect(double.objects.size).toBe(0);
    await store.delete(["not there"]);
    await store.delete([]);
  });

  it("removes more than a request may name", async () => {
    await using harness = await openHarness();
    const { store, double } = harness;
    const keys = Array.from({ length: 2001 }, (_, i) => `k${i}`);
    for (const key of keys)
      double.objects.set(`the prefix/${key}`, { bytes: new Uint8Array(0), etag: "" });
    await store.delete(keys);
    expect(double.objects.size).toBe(0);
    expect(double.seen).toHaveLength(3);
  });

  it("removes one by one where the store knows no other way, and remembers that", async () => {
    await using harness = await openHarness({ double: { knowsBatchDelete: false } });
    const { store, double } = harness;
    for (const key of ["a", "b"]) await store.putIfAbsent(key, []);
    double.seen.length = 0;
    await store.delete(["a", "b"]);
    await store.delete(["a", "b"]);
    expect(double.objects.size).toBe(0);
    expect(double.seen.filter((seen) => seen.startsWith("POST"))).toHaveLength(1);
  });

  it("speaks Google's precondition where it is asked to", async () => {
    await using harness = await openHarness({
      double: { precondition: "generation-match" },
      client: { precondition: "generation-match" },
    });
    expect(await harness.store.putIfAbsent("a", [])).toEqual({ kind: "stored" });
    expect(await harness.store.putIfAbsent("a", [])).toEqual({ kind: "exists" });
  });

  it("lets one of many racers win", async () => {
    await using harness = await openHarness();
    const { store, double } = harness;
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, i) => store.putIfAbsent("one", [bytesOf(`${i}`)])),
    );
    const winners = outcomes.flatMap(({ kind }, i) => (kind === "stored" ? [i] : []));
    expect(winners).toHaveLength(1);
    expect(textOf(await store.get("one"))).toBe(`${winners[0]}`);
    expect(double.connections()).toBeLessThanOrEqual(50);
  });

  it("keeps its connections, no more than it may have", async () => {
    await using harness = await openHarness({ client: { maxSockets: 4 } });
    const { store, double } = harness;
    for (let round = 0; round < 3; round++)
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.putIfAbsent(`${round}/${i}`, [])),
      );
    expect(double.connections()).toBe(4);
  });

  it("carries the token of a session", async () => {
    const keys = { accessKeyId: "AKSESSION", secretAccessKey: "s", sessionToken: "t/+=" };
    const accounts = new Map([["AKSESSION", { secretAccessKey: "s", sessionToken: "t/+=" }]]);
    await using harness = await openHarness({ keys, double: { accounts } });
    expect(await harness.store.putIfAbsent("a", [])).toEqual({ kind: "stored" });
  });
});
