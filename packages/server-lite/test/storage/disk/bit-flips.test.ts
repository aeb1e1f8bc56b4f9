import { encodeUtf8, S2Error } from "@s2kit/core";
import { beforeAll, describe, expect, it } from "vitest";
import { verifyDirectory } from "../../../src/storage/disk/inspect/verify-directory.js";
import { spaceOf } from "../../../src/storage/log/state-keys.js";
import type { Storage } from "../../../src/storage/storage.js";
import { appendOf, linesOf } from "../../../src/testing/append-source.js";
import { SimulatedStore, STORE } from "../crash/simulated-store.js";

/** Of how many bytes one is tried; `S2KIT_DEPTH=4` tries each. */
const STEP = Math.max(1, Math.ceil(4 / Number(process.env["S2KIT_DEPTH"] ?? 1)));
const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };

type Outcome = "refused to open" | "refused to read" | "tail dropped" | "harmless";

/** Everything a reader can see. */
async function contentOf(storage: Storage): Promise<string[]> {
  const lines: string[] = [];
  for (const streamId of [1, 2]) {
    const state = storage.streamState(streamId);
    lines.push(`${streamId}: ${JSON.stringify(state)}`);
    lines.push(...linesOf(await storage.read(streamId, 0, ALL)));
  }
  for (const { key, value } of storage.scanMeta({ prefix: new Uint8Array(0), limit: 100 }))
    lines.push(`${Buffer.from(key).toString()}=${Buffer.from(value).toString()}`);
  return lines;
}

/** Two streams and some metadata, in groups of their own; half of it in a data file. */
async function fill(store: SimulatedStore): Promise<Storage> {
  const storage = await store.open();
  const commit = async (...mutations: Parameters<Storage["commit"]>[0]): Promise<void> =>
    storage.whenDurable(storage.commit(mutations).position);
  await commit(
    { kind: "create-stream", streamId: 1, writtenMs: 1 },
    { kind: "create-stream", streamId: 2, writtenMs: 1 },
  );
  // Enough to seal the first segment.
  for (let turn = 0; turn < 16; turn++)
    await commit(
      appendOf({ streamId: 1 + (turn % 2), firstSeqNum: turn >> 1, bodies: [`old ${turn}`] }),
    );
  await storage.maintain();
  await commit(appendOf({ streamId: 1, firstSeqNum: 8, bodies: ["x"], fencingToken: "t" }));
  await commit({ kind: "put", key: encodeUtf8("k"), value: encodeUtf8("v") });
  await commit(appendOf({ streamId: 2, firstSeqNum: 8, bodies: ["y", "z"], trimPoint: 1 }));
  return storage;
}

describe("a flipped bit", () => {
  let content: string[];
  let closed: SimulatedStore;
  /** The content without the group that was last written before the crash. */
  let contentBefore: string[];

  beforeAll(async () => {
    closed = new SimulatedStore();
    const storage = await fill(closed);
    contentBefore = [];
    content = await contentOf(storage);
    await storage.close();
  });

  async function outcomeOf(
    store: SimulatedStore,
    path: string,
    offset: number,
    mayDropTail: boolean,
  ): Promise<Outcome> {
    const copy = store.clone();
    copy.disk.flip(path, offset, offset % 8);
    let storage: Storage;
    try {
      storage = await copy.open();
    } catch (error) {
      expect(error, `${path}:${offset}`).toBeInstanceOf(S2Error);
      expect(String(error)).toMatch(/(file|path)=\/store\/\S+.* (offset|format)=\d+/);
      return "refused to open";
    }
    try {
      const found = await contentOf(storage);
      if (found.join("\n") === content.join("\n")) return "harmless";
      // Only what no group behind it proves to have been acknowledged may go.
      expect(mayDropTail, `${path}:${offset}`).toBe(true);
      expect(found.join("\n")).toBe(contentBefore.join("\n"));
      return "tail dropped";
    } catch (error) {
      if (!(error instanceof S2Error)) throw error;
      expect(error.message, `${path}:${offset}`).toMatch(/damaged.*file=\/store\/\S+ offset=\d+/);
      return "refused to read";
    }
  }

  it("anywhere in a closed store is harmless or refused, and nothing acknowledged is lost", {
    timeout: 200_000,
  }, async () => {
    const outcomes = new Map<string, number>();
    for (const [path, offset] of bytesOf(closed)) {
      const outcome = await outcomeOf(closed, path, offset, false);
      const label = `${path.split("/")[2]} ${outcome}`;
      outcomes.set(label, (outcomes.get(label) ?? 0) + 1);
    }
    process.stdout.write(`\nbit flips, closed store: ${JSON.stringify([...outcomes])}\n`);
    // Groups that the state does not know, the format file, and extents are all guarded.
    expect(outcomes.get("FORMAT refused to open")).toBeGreaterThan(20 / STEP);
    expect(outcomes.get("segments refused to read")).toBeGreaterThan(500 / STEP);
  });

  it("in the state is refused by whoever meets it, and found by verify, at every byte", {
    timeout: 200_000,
  }, async () => {
    const outcomes = new Map<string, number>();
    for (const [key, bytes] of closed.medium.entries.from(""))
      for (let offset = 0; offset < bytes.length; offset++) {
        const copy = closed.clone();
        const flipped = Uint8Array.from(bytes);
        flipped[offset] = (flipped[offset] as number) ^ (1 << (offset % 8));
        copy.medium.entries.set(key, flipped);
        const space = spaceOf(Buffer.from(key, "latin1"));
        const report = await verifyDirectory(copy.directory);
        expect(report.problems[0], `${space}:${offset}`).toMatchObject({ file: "state" });
        expect(report.problems[0]?.what).toContain(`an entry is damaged space=${space}`);
        const label = `${space} ${await stateOutcomeOf(copy)}`;
        outcomes.set(label, (outcomes.get(label) ?? 0) + 1);
      }
    process.stdout.write(`\nbit flips, state: ${JSON.stringify([...outcomes])}\n`);
    // All that a start needs refuses it, all that readers need refuses them.
    for (const space of ["checkpoint", "files", "format"])
      expect([...outcomes.keys()].filter((label) => label.startsWith(space))).toEqual([
        `${space} refused to open`,
      ]);
    for (const space of ["metadata", "streams", "extents"])
      expect([...outcomes.keys()].filter((label) => label.startsWith(space))).toEqual([
        `${space} refused to read`,
      ]);
  });

  /** Wrong data is no outcome. */
  async function stateOutcomeOf(copy: SimulatedStore): Promise<Outcome> {
    let storage: Storage | undefined;
    try {
      storage = await copy.open();
      expect(await contentOf(storage)).toEqual(content);
      return "harmless";
    } catch (error) {
      if (!(error instanceof S2Error)) throw error;
      expect(error).toMatchObject({ code: "storage", status: 500 });
      expect(error.message).toMatch(
        /state store is damaged: run verify.*file=\/store\/state space=/,
      );
      return storage === undefined ? "refused to open" : "refused to read";
    }
  }

  it("in the log of a crashed store drops at most the last group", {
    timeout: 200_000,
  }, async () => {
    const before = new SimulatedStore();
    const storage = await before.open();
    const commit = async (...mutations: Parameters<Storage["commit"]>[0]): Promise<void> =>
      storage.whenDurable(storage.commit(mutations).position);
    await commit({ kind: "create-stream", streamId: 1, writtenMs: 1 });
    await commit(appendOf({ streamId: 1, firstSeqNum: 0, bodies: ["a"] }));
    contentBefore = await contentOf(storage);
    await commit(appendOf({ streamId: 1, firstSeqNum: 1, bodies: ["b"] }));
    content = await contentOf(storage);
    const outcomes = new Map<Outcome, number>();
    for (const [path, offset] of bytesOf(before)) {
      if (!path.includes("/wal/")) continue;
      const isLast = offset >= 3 * 4096;
      const outcome = await outcomeOf(before, path, offset, isLast);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    process.stdout.write(`\nbit flips, crashed store: ${JSON.stringify([...outcomes])}\n`);
    expect(outcomes.get("refused to open")).toBeGreaterThan(300 / STEP);
    expect(outcomes.get("tail dropped")).toBeGreaterThan(100 / STEP);
  });

  it("is found by verify wherever a checksum covers it", { timeout: 200_000 }, async () => {
    expect(await verifyDirectory(closed.directory)).toMatchObject({ isSound: true, problems: [] });
    let found = 0;
    const path = `${STORE}/segments/000000000001.seg`;
    for (const [at, offset] of bytesOf(closed, 1)) {
      if (at !== path || offset % 16 !== 0) continue;
      const copy = closed.clone();
      copy.disk.flip(path, offset, 3);
      const report = await verifyDirectory(copy.directory);
      if (report.isSound) continue;
      found++;
      expect(report.problems[0]?.file).toContain("000000000001.seg");
    }
    expect(found).toBeGreaterThan(60);
  });
});

/**
 * Every STEPth byte that is not in a run of zeros, beginning elsewhere in each file; of those, one in
 * 64.
 */
function* bytesOf(store: SimulatedStore, step = STEP): IterableIterator<[string, number]> {
  let turn = 0;
  for (const path of store.disk.paths) {
    const bytes = store.disk.bytesOf(path);
    for (let offset = 0; offset < bytes.length; offset++) {
      const isZero = bytes
        .subarray(Math.max(0, offset - 16), offset + 16)
        .every((byte) => byte === 0);
      if (isZero ? offset % 64 === 0 : turn++ % step === 0) yield [path, offset];
    }
  }
}
