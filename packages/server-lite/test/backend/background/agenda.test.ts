// The agenda of the background: what is due when, and what happens to a stream that changes while it is
// being looked at.

import { encodeAppendInput, trimRecord } from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { createSimulatedClock } from "@s2kit/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visitDueStreams } from "../../../src/backend/background/visits.js";
import { dueSecsOf } from "../../../src/backend/catalog/agenda.js";
import { createMemoryMedium } from "../../../src/storage/memory/memory.js";
import {
  type BackendNode,
  fill,
  kill,
  openNode,
  START_MS,
  settled,
} from "../../support/backend-node.js";

const basin = "test-basin";
const address = { basin, stream: "s" };
const MINUTE_MS = 60_000;

function made(
  config: Parameters<BackendNode["backend"]["shard"]["streams"]["create"]>[0]["config"],
  node = openNode(),
): BackendNode {
  node.backend.basins.create({ basin });
  node.backend.shard.streams.create({ ...address, config });
  return node;
}

async function minutes(node: BackendNode, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    await node.clock.advanceAsync(MINUTE_MS);
    await settled(node);
  }
}

function append(
  { backend }: BackendNode,
  ...records: Parameters<typeof encodeAppendInput>[0]["records"]
): Promise<void> {
  return new Promise((resolve, reject) => {
    void backend.append(() => backend.openAppend(address), encodeAppendInput({ records }), {
      acked: () => resolve(),
      failed: reject,
    });
  });
}

const trimPointOf = ({ storage }: BackendNode): number | undefined =>
  storage.streamState(1)?.trimPoint;
const exists = ({ backend }: BackendNode): boolean =>
  backend.shard.catalog.stream(basin, "s")?.deletedMs === undefined &&
  backend.shard.catalog.stream(basin, "s") !== undefined;
const agendaOf = ({ storage }: BackendNode): number =>
  storage.scanMeta({ prefix: Buffer.from("d/"), limit: 99 }).length;

/** Calls back in the middle of the next visit: between what storage looked for and its answer. */
function duringVisit(node: BackendNode, change: () => void): void {
  const { storage } = node;
  let isDone = false;
  node.work.whileSeeking = async () => {
    if (isDone) return;
    isDone = true;
    expect(storage.status).toBe("open");
    change();
  };
}

describe("retention", () => {
  it("does not trim by a policy that was replaced while it looked", async () => {
    const node = made({ retentionPolicy: { ageSecs: 600 } });
    fill(node, basin, "s");
    node.clock.jump(11 * MINUTE_MS);
    let isChanged = false;
    duringVisit(node, () => {
      node.backend.shard.streams.reconfigure(address, { retentionPolicy: { infinite: {} } });
      isChanged = true;
    });
    await minutes(node, 3);
    expect(isChanged).toBe(true);
    expect(trimPointOf(node)).toBe(0);
    expect(node.errors).toEqual([]);
  });

  it("sees a change within the second in which it looks", async () => {
    const node = made({ retentionPolicy: { ageSecs: 3600 } });
    const { backend, clock } = node;
    fill(node, basin, "s");
    await settled(node);
    clock.jump(11 * MINUTE_MS);
    backend.shard.streams.reconfigure(address, { retentionPolicy: { ageSecs: 600 } });
    duringVisit(node, () => {
      backend.shard.streams.reconfigure(address, { retentionPolicy: { ageSecs: 601 } });
      backend.shard.streams.reconfigure(address, { retentionPolicy: { ageSecs: 600 } });
    });
    const deleted: string[] = [];
    await visitDueStreams({
      catalog: backend.shard.catalog,
      streamers: backend.shard.streamers,
      now: () => clock.now(),
      onTrimmed: () => {},
      deleteStream: ({ stream }) => deleted.push(stream),
      onError: (error) => node.errors.push(error),
    });
    // Each policy is another one, also when it reads the same: this visit ends without a trim.
    expect([trimPointOf(node), deleted, node.errors]).toEqual([0, [], []]);
    await minutes(node, 2);
    expect([trimPointOf(node), agendaOf(node)]).toEqual([1, 1]);
  });

  it("looks again when the policy became a longer one, and a shorter one", async () => {
    const node = made({ retentionPolicy: { ageSecs: 600 } });
    fill(node, basin, "s");
    node.clock.jump(11 * MINUTE_MS);
    duringVisit(node, () => {
      node.backend.shard.streams.reconfigure(address, { retentionPolicy: { ageSecs: 3600 } });
    });
    await minutes(node, 10);
    // The entry that the visit came for is gone, and there is one in the place of it.
    expect([trimPointOf(node), agendaOf(node)]).toEqual([0, 1]);
    node.backend.shard.streams.reconfigure(address, { retentionPolicy: { ageSecs: 60 } });
    await minutes(node, 2);
    expect(trimPointOf(node)).toBe(1);
    expect(agendaOf(node)).toBe(1);
  });

  it("does nothing to a stream that was deleted, or made anew, while it looked", async () => {
    const node = made({ retentionPolicy: { ageSecs: 600 } });
    fill(node, basin, "s");
    node.clock.jump(11 * MINUTE_MS);
    duringVisit(node, () => node.backend.shard.streams.delete(address));
    await minutes(node, 2);
    expect(node.backend.shard.catalog.stream(basin, "s")).toBeUndefined();
    expect(agendaOf(node)).toBe(0);
    node.backend.shard.streams.create(address);
    expect(agendaOf(node)).toBe(1);
    expect(node.errors).toEqual([]);
  });

  it("writes nothing when another trim went further while it looked", async () => {
    const node = made({ retentionPolicy: { ageSecs: 600 } });
    for (let at = 0; at < 3; at++) fill(node, basin, "s");
    node.clock.jump(11 * MINUTE_MS);
    let trims = 0;
    duringVisit(node, () => {
      node.storage.commit([{ kind: "trim", streamId: 1, trimPoint: 3 }]);
      node.work.beforeCommit = (mutations) => {
        trims += mutations.filter(({ kind }) => kind === "trim").length;
      };
    });
    await minutes(node, 3);
    expect([trimPointOf(node), trims]).toEqual([3, 0]);
  });

  it("trims in time what lies behind a record that a clock stamped that jumped", async () => {
    const day = 86_400;
    const node = made({ retentionPolicy: { ageSecs: 7 * day } });
    fill(node, basin, "s", node.clock.now() + 3_650 * day * 1000);
    fill(node, basin, "s");
    // Somebody looks at it a day before the second record is due, and at others long after.
    node.clock.jump(6 * day * 1000);
    node.backend.shard.streams.reconfigure(address, { retentionPolicy: { ageSecs: 7 * day - 1 } });
    await minutes(node, 2);
    expect(trimPointOf(node)).toBe(0);
    for (let hour = 0; hour < 26; hour++) {
      node.clock.jump(3600 * 1000);
      await minutes(node, 2);
    }
    expect(trimPointOf(node)).toBe(2);
  });

  it("comes back for each record in its time, and to a stream that another one keeps waiting", async () => {
    const node = made({ retentionPolicy: { ageSecs: 600 } });
    fill(node, basin, "s");
    await minutes(node, 5);
    fill(node, basin, "s");
    await minutes(node, 7);
    expect(trimPointOf(node)).toBe(1);
    node.backend.shard.streams.create({
      basin,
      stream: "broken",
      config: { retentionPolicy: { ageSecs: 60 } },
    });
    fill(node, basin, "broken");
    const broken = node.backend.shard.catalog.stream(basin, "broken")?.streamId;
    node.work.whileSeeking = async (streamId) => {
      if (streamId === broken) throw new Error("damaged");
    };
    await minutes(node, 6);
    expect(trimPointOf(node)).toBe(2);
    expect(String(node.errors[0])).toContain("damaged");
    expect(agendaOf(node)).toBe(2);
  });
});

describe("delete-on-empty", () => {
  const config = { deleteOnEmpty: { minAgeSecs: 300 }, retentionPolicy: { ageSecs: 3600 } };
  const record = { headers: [], body: Buffer.from("x") };

  it("follows what a trim command emptied, and is void when records came since", async () => {
    const node = made(config);
    await append(node, record);
    await minutes(node, 20);
    await append(node, trimRecord(99));
    await minutes(node, 3);
    await append(node, record, trimRecord(99));
    await minutes(node, 4);
    expect(exists(node)).toBe(true);
    await minutes(node, 3);
    expect(exists(node)).toBe(false);
  });

  it("counts from when retention emptied a stream, and is void when records came since", async () => {
    const node = made(config);
    await append(node, record);
    await minutes(node, 63);
    expect(trimPointOf(node)).toBe(1);
    expect(exists(node)).toBe(true);
    // The same tail is not the same emptiness: this one is emptied by a command, later.
    await append(node, record, trimRecord(99));
    await minutes(node, 4);
    expect(exists(node)).toBe(true);
    await minutes(node, 3);
    expect(exists(node)).toBe(false);
  });

  it("does not delete a stream whose configuration says otherwise by now", async () => {
    const node = made({ ...config, retentionPolicy: { ageSecs: 60 } });
    node.clock.jump(6 * MINUTE_MS);
    await append(node, record);
    node.clock.jump(2 * MINUTE_MS);
    // Retention takes the last record in this visit, and the stream would be overdue.
    duringVisit(node, () => {
      node.backend.shard.streams.reconfigure(address, { deleteOnEmpty: { minAgeSecs: 0 } });
    });
    await minutes(node, 30);
    expect(exists(node)).toBe(true);
  });

  it("is not forgotten when the process died between the trim and its note on the agenda", async () => {
    const medium = createMemoryMedium();
    const clock = createSimulatedClock(START_MS);
    const first = made(
      { ...config, retentionPolicy: { ageSecs: 10 * 86_400 } },
      openNode(medium, clock),
    );
    await append(first, record);
    await minutes(first, 10);
    first.work.beforeCommit = (mutations) => {
      if (mutations.every(({ kind }) => kind !== "append")) throw new Error("killed");
    };
    await append(first, trimRecord(99));
    kill(first);
    const second = openNode(medium, clock);
    clock.jump(25 * 3_600_000);
    await minutes(second, 3);
    expect(exists(second)).toBe(false);
  });
});

describe("what is due when", () => {
  it("is never later than the first thing that can happen to a stream", () => {
    const config = fc.record({
      age: fc.option(fc.integer({ min: 1, max: 10 ** 9 })),
      minAgeSecs: fc.nat(10 ** 9),
      oldestMs: fc.option(fc.nat(10 ** 12)),
    });
    fc.assert(
      fc.property(config, ({ age, minAgeSecs, oldestMs }) => {
        const nowMs = 10 ** 12;
        const due = dueSecsOf(
          {
            ...DEFAULT_STREAM_CONFIG,
            retentionPolicy: age === null ? { infinite: {} } : { ageSecs: age },
            deleteOnEmpty: { minAgeSecs },
          },
          oldestMs === null ? { nowMs, emptySinceMs: nowMs } : { nowMs, oldestMs },
        );
        if (age === null && minAgeSecs === 0) expect(due).toBeUndefined();
        if (age !== null)
          expect(due).toBeLessThanOrEqual(Math.ceil((oldestMs ?? nowMs) / 1000 + age));
        if (minAgeSecs > 0 && oldestMs === null)
          expect(due).toBeLessThanOrEqual(Math.ceil(nowMs / 1000 + minAgeSecs));
      }),
    );
  });

  it("is never when a clock or an age is beyond all time", () => {
    const config = { ...DEFAULT_STREAM_CONFIG, retentionPolicy: { ageSecs: 2 ** 52 } };
    expect(dueSecsOf(config, { nowMs: START_MS })).toBeUndefined();
  });

  it("takes a clock that had jumped ahead for now", () => {
    const config = { ...DEFAULT_STREAM_CONFIG, retentionPolicy: { ageSecs: 60 } };
    const due = dueSecsOf(config, { nowMs: 100_000, oldestMs: 9_999_999_999 });
    expect(due).toBe(160);
  });
});
