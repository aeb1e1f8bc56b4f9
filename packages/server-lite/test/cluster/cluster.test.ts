// Servers that share a store, as their clients see them: any of them answers for all, also one that has
// nothing itself.

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openThings } from "../../src/testing/ledger.js";
import { BASIN, ClusterBench, nameIn, nameWithout, ROOT, SHARDS } from "./cluster-bench.js";

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

  it("take every request at one that has no shard, of whoever may make it", async () => {
    const none = nameWithout(NAMES);
    const server = await bench.node(none);
    const scope = {
      basins: { exact: BASIN },
      streams: { prefix: "team/" },
      op_groups: { stream: { read: true, write: true } },
      ops: ["list-streams", "create-stream"],
    };
    const token = { id: "of-a-team", scope, auto_prefix_streams: true };
    const issued = await bench.ask(none, "POST", "/access-tokens", token);
    expect(issued.status).toBe(201);
    const authorization = { authorization: `Bearer ${String(issued.json.access_token)}` };
    const names = Array.from({ length: 8 }, (_, each) => `own-${each}`);
    for (const stream of names) {
      expect((await bench.ask(none, "POST", "/streams", { stream }, authorization)).status).toBe(
        201,
      );
      const records = { records: [{ body: stream }] };
      const path = `/streams/${stream}/records`;
      expect((await bench.ask(none, "POST", path, records, authorization)).status).toBe(200);
      const read = await bench.ask("a", "GET", `/streams/team%2F${stream}/records?seq_num=0`);
      expect(read.json).toMatchObject({ records: [{ body: stream }] });
    }
    const listed = await bench.ask(none, "GET", "/streams", undefined, authorization);
    expect(listed.json).toEqual({
      streams: names.map((name) => expect.objectContaining({ name })),
      has_more: false,
    });
    const events = await server.fetch(
      new Request(`http://127.0.0.1/v1/streams/own-3/records?seq_num=0&count=1`, {
        headers: { ...authorization, accept: "text/event-stream", "s2-basin": BASIN },
      }),
    );
    expect([events.status, await events.text()]).toEqual([200, expect.stringContaining("own-3")]);
    const now = Math.floor(Date.now() / 1000);
    const query = `set=append-ops&start=${now - 600}&end=${now + 60}&interval=hour`;
    const { json } = await bench.ask(none, "GET", `/metrics/${BASIN}?${query}`);
    const [{ accumulation }] = json.values as [{ accumulation: { values: [number, number][] } }];
    // Eight here, and those of the test before.
    expect(accumulation.values.reduce((sum, [, count]) => sum + count, 0)).toBe(8 + 24);
    expect((await bench.ask("b", "DELETE", "/access-tokens/of-a-team")).status).toBe(204);
    for (const name of [none, ...NAMES]) {
      const path = "/streams/own-1/records/tail";
      expect((await bench.ask(name, "GET", path, undefined, authorization)).status).toBe(401);
    }
    const otlp = await server.fetch(
      new Request("http://127.0.0.1/otlp/v1/logs", {
        method: "POST",
        headers: { authorization: `Bearer ${ROOT}`, "s2-basin": BASIN },
      }),
    );
    expect(otlp.status).toBe(501);
    expect(openThings(server)).toEqual({});
    bench.nodes.delete(none);
    await server.close();
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
