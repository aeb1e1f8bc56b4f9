// Servers that share a store, as their clients see them: any of them answers for all, also one that has
// nothing itself.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openThings } from "../../src/testing/ledger.js";
import { BASIN, ClusterBench, nameIn, SHARDS } from "./cluster-bench.js";

const NAMES = ["a", "b", "c"] as const;

describe("three servers over one bucket", () => {
  let bench: ClusterBench;
  beforeAll(async () => {
    bench = await ClusterBench.start();
    await Promise.all(NAMES.map((name) => bench.node(name)));
    await bench.inOrder();
  }, 60_000);
  afterAll(() => bench.close());

  const at = (count: number): string => NAMES[count % NAMES.length] as string;

  it("answer for all shards, whoever is asked", async () => {
    expect((await bench.ask("a", "POST", "/basins", { basin: BASIN })).status).toBe(201);
    const names: string[] = [];
    for (let each = 0; each < 24; each++) names.push(nameIn(each % SHARDS, each * 10));
    for (const [each, stream] of names.entries()) {
      const { status, json } = await bench.ask(at(each), "POST", "/streams", { stream });
      expect([status, json]).toMatchObject([201, { name: stream }]);
    }
    for (const [each, stream] of names.entries()) {
      const records = { records: [{ body: `r-${each}` }] };
      const made = await bench.ask(at(each + 1), "POST", `/streams/${stream}/records`, records);
      expect(made.status).toBe(200);
      const read = await bench.ask(at(each + 2), "GET", `/streams/${stream}/records?seq_num=0`);
      expect(read.json).toMatchObject({ records: [{ body: `r-${each}` }] });
    }
    const sorted = names.toSorted();
    for (const name of NAMES) {
      const listed: string[] = [];
      for (let startAfter = ""; ; ) {
        const query = `limit=5&start_after=${startAfter}`;
        const { status, json } = await bench.ask(name, "GET", `/streams?${query}`);
        expect(status).toBe(200);
        const page = (json.streams as { name: string }[]).map((each) => each.name);
        listed.push(...page);
        if (json.has_more !== true) break;
        expect(page).toHaveLength(5);
        startAfter = page.at(-1) ?? "";
      }
      expect(listed).toEqual(sorted);
      const missing = await bench.ask(name, "GET", "/streams/missing/records/tail");
      expect(missing.json).toMatchObject({ code: "stream_not_found" });
    }
    expect(bench.told.filter((line) => line.includes(" error "))).toEqual([]);
  });

  it("free the name of a deleted basin when no shard has a stream of it", async () => {
    const deleted = await bench.ask("c", "DELETE", `/basins/${BASIN}`);
    expect(deleted.status, `${JSON.stringify(deleted)}\n${bench.told.join("\n")}`).toBe(202);
    await vi.waitFor(
      async () => {
        expect((await bench.ask("a", "POST", "/basins", { basin: BASIN })).status).toBe(201);
      },
      { timeout: 10_000, interval: 50 },
    );
    expect((await bench.ask("b", "GET", "/streams")).json).toMatchObject({ streams: [] });
  });

  it("hand their shards over when one of them stops, and nothing is lost", async () => {
    const append = (name: string, stream: string, body: string) =>
      bench.ask(name, "POST", `/streams/${stream}/records`, { records: [{ body }] });
    for (let shard = 0; shard < SHARDS; shard++) {
      await bench.ask("a", "POST", "/streams", { stream: nameIn(shard) });
      expect((await append("b", nameIn(shard), "before")).status).toBe(200);
    }
    const leaving = bench.nodes.get("b");
    bench.nodes.delete("b");
    await leaving?.close();
    expect(leaving === undefined ? {} : openThings(leaving)).toEqual({});
    for (let shard = 0; shard < SHARDS; shard++) {
      expect((await append("c", nameIn(shard), "after")).status).toBe(200);
      const read = await bench.ask("a", "GET", `/streams/${nameIn(shard)}/records?seq_num=0`);
      expect(read.json).toMatchObject({ records: [{ body: "before" }, { body: "after" }] });
    }
    expect((await bench.ask("a", "GET", "/health/ready")).status).toBe(200);
  });
});
