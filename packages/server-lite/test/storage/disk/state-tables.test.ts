// The tables of changes over a state store: what a scan answers under any changes and checkpoints, and
// how much it walks over to find it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MemoryStateMedium,
  openMemoryStateStore,
} from "../../../src/storage/disk/state/memory-state-store.js";
import type { StateStore } from "../../../src/storage/log/state-store.js";
import { StateTables } from "../../../src/storage/log/state-tables.js";
import { keyFromString } from "../../../src/storage/meta-key.js";
import type { StreamState } from "../../../src/storage/storage.js";

const SPACE = "\u0001";
const END = "\u0002";
const VALUE = Uint8Array.of(1);

/** Tables over a store that counts the entries it hands out. */
function counted(): { tables: StateTables; visited: () => number } {
  const bare = openMemoryStateStore(new MemoryStateMedium());
  let entries = 0;
  const store: StateStore = {
    ...bare,
    scan(range) {
      const page = bare.scan(range);
      entries += page.length;
      return page;
    },
  };
  const visited = (): number => {
    const count = entries;
    entries = 0;
    return count;
  };
  return { tables: new StateTables(store), visited };
}

async function checkpoint(tables: StateTables): Promise<void> {
  tables.freeze();
  for (const slice of tables.frozenChanges(100)) await tables.store.write(slice);
  tables.thaw();
}

const nameOf = (at: number): string => `${SPACE}q${String(at).padStart(6, "0")}`;
const firstOf = (tables: StateTables, limit: number): string[] =>
  tables.scan(`${SPACE}q`, `${SPACE}r`, limit).map(([key]) => key);

describe("a scan of the state tables", () => {
  const key = fc
    .tuple(fc.constantFrom("a", "b"), fc.nat(60))
    .map(([root, at]) => `${SPACE}${root}${String(at).padStart(2, "0")}`);
  const step = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), key, value: fc.nat(255) }),
    fc.record({ kind: fc.constant("clear" as const), key, count: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ kind: fc.constantFrom("freeze" as const, "write" as const, "thaw" as const) }),
    fc.record({ kind: fc.constant("scan" as const), key, limit: fc.integer({ min: 1, max: 70 }) }),
  );

  it("answers what was put last, over any changes and at any moment of a checkpoint", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { tables } = counted();
        const model = new Map<string, number>();
        let slices: ReturnType<StateTables["frozenChanges"]> | undefined;
        const thaw = async (): Promise<void> => {
          for (const slice of slices ?? []) await tables.store.write(slice);
          tables.thaw();
          slices = undefined;
        };
        for (const one of steps)
          switch (one.kind) {
            case "set":
              tables.set(one.key, Uint8Array.of(one.value));
              model.set(one.key, one.value);
              break;
            case "clear":
              for (const name of [...model.keys()]
                .filter((name) => name >= one.key)
                .sort()
                .slice(0, one.count)) {
                tables.set(name, undefined);
                model.delete(name);
              }
              break;
            case "freeze":
              if (slices !== undefined) break;
              tables.freeze();
              slices = tables.frozenChanges(3);
              break;
            case "write": {
              const slice = slices?.next();
              if (slice?.done === false) await tables.store.write(slice.value);
              break;
            }
            case "thaw":
              if (slices !== undefined) await thaw();
              break;
            case "scan": {
              const expected = [...model]
                .filter(([name]) => name >= one.key && name < END)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .slice(0, one.limit);
              const found = tables.scan(one.key, END, one.limit);
              expect(found.map(([name, value]) => [name, value[0]])).toEqual(expected);
            }
          }
      }),
      { numRuns: 400 },
    );
  });

  it("costs what it finds, however much was deleted in front of it since the last checkpoint", async () => {
    const { tables, visited } = counted();
    const total = 20_000;
    for (let at = 0; at < total; at++) tables.set(nameOf(at), VALUE);
    await checkpoint(tables);
    visited();
    // A queue, worked off from its front: each step looks where the last one left off.
    const steps = total / 100;
    for (let step = 0; step < steps; step++) {
      const page = firstOf(tables, 100);
      expect(page).toHaveLength(100);
      for (const name of page) tables.set(name, undefined);
    }
    expect(firstOf(tables, 1)).toEqual([]);
    // What is left is found once, and what is deleted is walked over once: not by each step again.
    expect(visited()).toBeLessThan(4 * total);
    for (let look = 0; look < 50; look++) expect(firstOf(tables, 1)).toEqual([]);
    expect(visited()).toBeLessThan(100);
  });

  it("stays so while a checkpoint is under way", async () => {
    const { tables, visited } = counted();
    for (let at = 0; at < 4000; at++) tables.set(nameOf(at), VALUE);
    await checkpoint(tables);
    for (let at = 0; at < 2000; at++) tables.set(nameOf(at), undefined);
    tables.set(nameOf(500), VALUE);
    expect(firstOf(tables, 2)).toEqual([nameOf(500), nameOf(2000)]);
    tables.freeze();
    visited();
    expect(firstOf(tables, 2)).toEqual([nameOf(500), nameOf(2000)]);
    expect(firstOf(tables, 2)).toEqual([nameOf(500), nameOf(2000)]);
    tables.set(nameOf(500), undefined);
    for (let look = 0; look < 20; look++) expect(firstOf(tables, 1)).toEqual([nameOf(2000)]);
    // The put in between cut the range: its second half is walked once more.
    expect(visited()).toBeLessThan(3 * 2000);
    visited();
    for (let look = 0; look < 20; look++) expect(firstOf(tables, 1)).toEqual([nameOf(2000)]);
    expect(visited()).toBeLessThan(200);
    for (const slice of tables.frozenChanges(100)) await tables.store.write(slice);
    tables.thaw();
    expect(tables.store.get(keyFromString(nameOf(500)))).toBeDefined();
    expect(firstOf(tables, 1)).toEqual([nameOf(2000)]);
  });
});

describe("streams that are kept in memory", () => {
  it("are as the last checkpoint left them, also after one of more streams than are kept", async () => {
    const { tables } = counted();
    const stateOf = (seqNum: number): StreamState => ({
      tail: { seqNum, timestamp: seqNum },
      trimPoint: 0,
      fencingToken: "",
      lastWriteMs: 1,
    });
    const many = 20_000;
    for (let streamId = 1; streamId <= many; streamId++) tables.setStream(streamId, stateOf(1));
    await checkpoint(tables);
    // Looked at, and so kept.
    expect([1, 2, 3].map((streamId) => tables.stream(streamId)?.tail.seqNum)).toEqual([1, 1, 1]);
    for (let streamId = 3; streamId <= many; streamId++) tables.setStream(streamId, stateOf(2));
    tables.setStream(2, undefined);
    await checkpoint(tables);
    expect([1, 2, 3, many].map((streamId) => tables.stream(streamId)?.tail.seqNum)).toEqual([
      1,
      undefined,
      2,
      2,
    ]);
  });
});
