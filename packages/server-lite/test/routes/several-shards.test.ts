// A server whose store has several shards, as its clients see it: like any other, until a shard fails.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { shardOf } from "../../src/backend/catalog/placement.js";
import { createServer, type S2Server } from "../../src/index.js";
import type { ServerSettings } from "../../src/settings.js";
import {
  createMemoryMedium,
  createMemoryStorage,
  type MemoryMedium,
  type MemoryStorage,
} from "../../src/storage/memory/memory.js";
import { openThings } from "../../src/testing/ledger.js";

const SHARDS = 8;
const BASIN = "basin-one";

interface Node {
  readonly server: S2Server;
  readonly storages: readonly MemoryStorage[];
  readonly errors: string[];
}

const nodes: Node[] = [];
afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ server }) => server.close()));
});

const mediums = (): readonly MemoryMedium[] =>
  Array.from({ length: SHARDS }, () => createMemoryMedium());

function nodeOn(
  media: readonly MemoryMedium[] = mediums(),
  settings: ServerSettings = {},
  over: (storage: MemoryStorage, shard: number) => MemoryStorage = (storage) => storage,
): Node {
  const storages = media.map((medium, shard) => over(createMemoryStorage({ medium }), shard));
  const errors: string[] = [];
  const logger = {
    info: () => undefined,
    warn: () => undefined,
    error: (_: object, message: string) => void errors.push(message),
  };
  const server = createServer(settings, { storage: storages, logger });
  const node = { server, storages, errors };
  nodes.push(node);
  return node;
}

async function ask(
  { server }: Node,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await server.fetch(
    new Request(
      `http://127.0.0.1${path.startsWith("/v1") || path.startsWith("/health") ? "" : "/v1"}${path}`,
      {
        method,
        headers: { "content-type": "application/json", "s2-basin": BASIN },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
    ),
  );
  const text = await response.text();
  const json = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : { text };
  return { status: response.status, json };
}

const nameAt = (at: number): string => `stream-${String(at).padStart(3, "0")}`;

async function withStreams(node: Node, count: number): Promise<readonly string[]> {
  expect((await ask(node, "POST", "/basins", { basin: BASIN })).status).toBe(201);
  const names = Array.from({ length: count }, (_, at) => nameAt(at));
  for (const stream of names)
    expect((await ask(node, "POST", "/streams", { stream })).status).toBe(201);
  return names;
}

const streamsIn = (json: Record<string, unknown>): readonly string[] =>
  (json.streams as readonly { name: string }[]).map(({ name }) => name);

/** A name that belongs to a shard. */
function nameIn(shard: number): string {
  for (let at = 0; ; at++)
    if (shardOf({ basin: BASIN, stream: nameAt(at) }, SHARDS) === shard) return nameAt(at);
}

describe("a store of several shards", () => {
  it("lists streams in the order of their names, page by page, each once", async () => {
    const node = nodeOn();
    const names = await withStreams(node, 40);
    const listed: string[] = [];
    for (let startAfter = ""; ; ) {
      const { status, json } = await ask(node, "GET", `/streams?limit=7&start_after=${startAfter}`);
      expect(status).toBe(200);
      const page = streamsIn(json);
      listed.push(...page);
      if (json.has_more !== true) break;
      expect(page).toHaveLength(7);
      startAfter = page.at(-1) ?? "";
    }
    expect(listed).toEqual(names);
  });

  it("keeps each stream in its shard alone, under an id of its own", async () => {
    const node = nodeOn();
    await withStreams(node, 24);
    const used = node.storages.map((storage) =>
      storage
        .scanMeta({ prefix: Buffer.from("s/"), limit: 100 })
        .map(
          ({ value }) =>
            (JSON.parse(Buffer.from(value).toString()) as { streamId: number }).streamId,
        ),
    );
    expect(used.flat()).toHaveLength(24);
    expect(new Set(used.flat()).size).toBe(24);
    used.forEach((ids, shard) => {
      for (const id of ids) expect(id % 4096).toBe(shard);
    });
  });

  it("has records, tails and configurations of all of them, also after a restart", async () => {
    const media = mediums();
    const first = nodeOn(media);
    const names = await withStreams(first, 16);
    for (const name of names)
      expect(
        (await ask(first, "POST", `/streams/${name}/records`, { records: [{ body: name }] }))
          .status,
      ).toBe(200);
    await first.server.close();
    const next = nodeOn(media);
    for (const name of names) {
      const read = await ask(next, "GET", `/streams/${name}/records?seq_num=0&count=1`);
      expect(read.json).toMatchObject({ records: [{ body: name }] });
      const tail = await ask(next, "GET", `/streams/${name}/records/tail`);
      expect(tail.json).toMatchObject({ tail: { seq_num: 1 } });
      expect((await ask(next, "GET", `/streams/${name}`)).status).toBe(200);
    }
  });

  it("makes streams by the basin's configuration of now in every shard", async () => {
    const node = nodeOn();
    await withStreams(node, 0);
    const ageOf = async (stream: string): Promise<unknown> => {
      const { json } = await ask(node, "GET", `/streams/${stream}`);
      return (json.retention_policy as { age?: number }).age;
    };
    for (const age of [3600, 7200]) {
      const config = { default_stream_config: { retention_policy: { age } } };
      expect((await ask(node, "PATCH", `/basins/${BASIN}`, config)).status).toBe(200);
      for (let shard = 0; shard < SHARDS; shard++) {
        const stream = `${nameIn(shard)}`;
        await ask(node, "PUT", `/streams/${stream}`);
        expect(await ageOf(stream)).toBe(age);
      }
    }
  });

  it("frees the name of a deleted basin when no shard has a stream of it, and shows none later", async () => {
    const node = nodeOn();
    await withStreams(node, 30);
    expect((await ask(node, "DELETE", `/basins/${BASIN}`)).status).toBe(202);
    const pending = await ask(node, "POST", "/basins", { basin: BASIN });
    expect(pending.json).toMatchObject({ code: "basin_deletion_pending" });
    await vi.waitFor(
      async () => {
        expect((await ask(node, "POST", "/basins", { basin: BASIN })).status).toBe(201);
      },
      { timeout: 5000, interval: 20 },
    );
    expect(streamsIn((await ask(node, "GET", "/streams")).json)).toEqual([]);
    for (let shard = 0; shard < SHARDS; shard++)
      expect((await ask(node, "POST", "/streams", { stream: nameIn(shard) })).status).toBe(201);
  });

  it("adds up what all of them have counted", async () => {
    const node = nodeOn();
    const names = await withStreams(node, 12);
    for (const name of names)
      await ask(node, "POST", `/streams/${name}/records`, { records: [{ body: "x" }] });
    const now = Math.floor(Date.now() / 1000);
    const range = `start=${now - 3600}&end=${now + 60}`;
    const sumOf = async (path: string, name: string): Promise<number> => {
      const { json } = await ask(node, "GET", path);
      const found = (json.values as Record<string, { name: string; values: [number, number][] }>[])
        .flatMap((each) => Object.values(each))
        .find((each) => each.name === name);
      return (found?.values ?? []).reduce((sum, [, value]) => sum + value, 0);
    };
    const ops = `/metrics/${BASIN}?set=append-ops&${range}&interval=minute`;
    expect(await sumOf(ops, "standard")).toBe(0);
    expect(await sumOf(ops, "express")).toBe(12);
    expect(
      await sumOf(`/metrics/${BASIN}?set=basin-ops&${range}&interval=minute`, "create_stream"),
    ).toBe(12);
    expect(await sumOf(`/metrics?set=account-ops&${range}&interval=minute`, "create_basin")).toBe(
      1,
    );
    const { json } = await ask(node, "GET", `/metrics?set=active-basins&${range}`);
    expect(json.values).toMatchObject([{ label: { values: [BASIN] } }]);
    const size = `/metrics/${BASIN}/${names[0]}?set=storage&${range}&interval=minute`;
    expect(await sumOf(size, "metered_size")).toBeGreaterThan(0);
    expect(
      await sumOf(`/metrics/${BASIN}?set=storage&${range}&interval=hour`, "metered_size"),
    ).toBe(12 * 9);
  });

  it("applies an init file to all of them, again without a change, or not at all", async () => {
    const directory = mkdtempSync(join(tmpdir(), "s2kit-shards-"));
    try {
      const initFile = join(directory, "init.json");
      const streams = Array.from({ length: 20 }, (_, at) => ({ name: nameAt(at) }));
      writeFileSync(initFile, JSON.stringify({ basins: [{ name: BASIN, streams }] }));
      const media = mediums();
      for (let start = 0; start < 2; start++) {
        const node = nodeOn(media, { initFile });
        await node.server.open();
        expect(streamsIn((await ask(node, "GET", "/streams")).json)).toHaveLength(20);
        await node.server.close();
      }
      const broken = { retention_policy: { age: 0 } };
      const refused = [{ name: "basin-two", streams: [...streams, { name: "z", config: broken }] }];
      writeFileSync(initFile, JSON.stringify({ basins: refused }));
      await expect(nodeOn(media, { initFile }).server.open()).rejects.toThrow("init file");
      const after = nodeOn(media);
      expect(((await ask(after, "GET", "/basins")).json.basins as unknown[]).length).toBe(1);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("a shard whose answers may be old", () => {
  it("gives none, alone or among others, and leaves the others theirs", async () => {
    let isFresh = true;
    const node = nodeOn(mediums(), {}, (storage, shard) =>
      shard === 3
        ? new Proxy(storage, {
            get: (target, name: keyof MemoryStorage) => {
              if (name === "isFresh") return isFresh;
              const value = target[name];
              return typeof value === "function" ? value.bind(target) : value;
            },
          })
        : storage,
    );
    await withStreams(node, 0);
    const [stale, sure] = [nameIn(3), nameIn(4)];
    for (const stream of [stale, sure]) await ask(node, "POST", "/streams", { stream });
    isFresh = false;
    const statusOf = async (path: string): Promise<number> => (await ask(node, "GET", path)).status;
    expect(await statusOf(`/streams/${stale}`)).toBe(503);
    expect(await statusOf(`/streams/${stale}/records/tail`)).toBe(503);
    expect(await statusOf(`/streams/${stale}/records?seq_num=9`)).toBe(503);
    expect(await statusOf("/streams")).toBe(503);
    expect(await statusOf(`/streams/${sure}`)).toBe(200);
    expect(await statusOf(`/streams/${sure}/records/tail`)).toBe(200);
    expect(await statusOf(`/basins/${BASIN}`)).toBe(200);
    expect(await statusOf("/health")).toBe(503);
    isFresh = true;
    expect(await statusOf("/streams")).toBe(200);
  });
});

describe("an answer", () => {
  it("waits for the shard that it is of, and for no other", async () => {
    const node = nodeOn();
    await withStreams(node, 0);
    const [slow, quick] = [nameIn(3), nameIn(4)];
    node.storages[3]?.holdDurability();
    let isDone = false;
    const made = ask(node, "POST", "/streams", { stream: slow }).finally(() => {
      isDone = true;
    });
    expect((await ask(node, "POST", "/streams", { stream: quick })).status).toBe(201);
    expect((await ask(node, "GET", `/streams/${quick}`)).status).toBe(200);
    expect(isDone).toBe(false);
    node.storages[3]?.releaseDurability();
    expect((await made).status).toBe(201);
  });
});

describe("a shard that fails", () => {
  it("refuses its own streams, ends their sessions, and leaves the others alone", async () => {
    const node = nodeOn();
    await withStreams(node, 0);
    const [lost, kept] = [nameIn(3), nameIn(4)];
    for (const stream of [lost, kept]) await ask(node, "POST", "/streams", { stream });
    const follower = ask(node, "GET", `/streams/${lost}/records?seq_num=0&wait=30`);
    await vi.waitFor(() => expect(openReaders(node)).toBe(1));
    node.storages[3]?.fail(new Error("the disk is gone"));
    expect((await follower).status).toBe(503);
    expect(node.errors).toContain("a shard failed: its streams cannot be used");
    const records = { records: [{ body: "x" }] };
    const refused = [
      await ask(node, "POST", `/streams/${lost}/records`, records),
      await ask(node, "GET", `/streams/${lost}/records/tail`),
      await ask(node, "GET", `/streams/${lost}`),
      await ask(node, "DELETE", `/streams/${lost}`),
      await ask(node, "PUT", `/streams/${lost}`),
      await ask(node, "GET", "/streams"),
      await ask(node, "GET", `/metrics?set=active-basins&start=0&end=60`),
    ];
    for (const { status, json } of refused) {
      expect(status).toBe(503);
      expect(json).toMatchObject({ code: "unavailable" });
    }
    expect((await ask(node, "POST", `/streams/${kept}/records`, records)).status).toBe(200);
    expect((await ask(node, "GET", `/streams/${kept}`)).status).toBe(200);
    expect((await ask(node, "GET", `/basins/${BASIN}`)).status).toBe(200);
    expect((await ask(node, "GET", "/health/live")).status).toBe(200);
    expect(node.server.status).toBe("open");
  });

  it("ends the server when it is the one with the account", async () => {
    const node = nodeOn();
    await withStreams(node, 1);
    node.storages[0]?.fail(new Error("the disk is gone"));
    expect((await node.server.failed).message).toContain("the store failed");
  });

  it("ends the server with the last of them", async () => {
    const node = nodeOn();
    await withStreams(node, 1);
    for (let shard = 1; shard < SHARDS; shard++) node.storages[shard]?.fail(new Error("gone"));
    expect(node.server.status).toBe("open");
    node.storages[0]?.fail(new Error("gone"));
    await node.server.failed;
  });
});

function openReaders({ server }: Node): number {
  return openThings(server).sessions ?? 0;
}
