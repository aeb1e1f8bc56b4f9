// A copy of a store: everything arrives, whatever the media; a death at any commit is survived; what
// is not a whole copy is taken for none.

import { systemClock } from "@s2kit/core";
import { afterEach, describe, expect, it } from "vitest";
import { compareStores } from "../../../src/storage/copy/compare-stores.js";
import type { CopiedStore, CopyProgress } from "../../../src/storage/copy/copied-store.js";
import { copyOpenStore, type StoreCopy } from "../../../src/storage/copy/copy-store.js";
import { requireWhole } from "../../../src/storage/copy/unfinished-copy.js";
import type { Mutation } from "../../../src/storage/storage.js";
import { appendOf } from "../../../src/testing/append-source.js";
import {
  bucketMedium,
  contentOf,
  DyingStore,
  diskMedium,
  fill,
  type Medium,
} from "./copy-bench.js";

const media: Medium[] = [];
afterEach(() => {
  for (const medium of media.splice(0)) medium.stop();
});

const clock = systemClock;

async function filled(make: () => Medium): Promise<Medium> {
  const medium = empty(make);
  const store = await medium.open();
  await fill(store);
  await store.close();
  return medium;
}

function empty(make: () => Medium): Medium {
  const medium = make();
  media.push(medium);
  return medium;
}

/** A run of the command, as far as it knows no places. */
async function copy(
  from: Medium,
  openTarget: () => Promise<CopiedStore>,
  more: { signal?: AbortSignal; onProgress?: (progress: CopyProgress) => void } = {},
): Promise<StoreCopy> {
  const source = await from.open();
  try {
    return await copyOpenStore(source, { clock, openTarget, ...more });
  } finally {
    await source.close();
  }
}

async function look<T>(medium: Medium, at: (store: CopiedStore) => T | Promise<T>): Promise<T> {
  const store = await medium.open();
  try {
    return await at(store);
  } finally {
    await store.close();
  }
}

async function commit(medium: Medium, ...mutations: readonly Mutation[]): Promise<void> {
  await look(medium, (store) => store.whenDurable(store.commit(mutations).position));
}

const put = (key: string, value: string): Mutation => ({
  kind: "put",
  key: Buffer.from(key),
  value: Buffer.from(value),
});

describe.each([
  ["a disk into a bucket", diskMedium, bucketMedium],
  ["a bucket onto a disk", bucketMedium, diskMedium],
] as const)("a copy of %s", (_, makeSource, makeTarget) => {
  it("has everything: streams, numbers, times, trim points, tokens, metadata", async () => {
    const source = await filled(makeSource);
    const target = empty(makeTarget);
    const seen: CopyProgress[] = [];
    const result = await copy(source, target.open, { onProgress: (each) => seen.push(each) });
    expect(result).toEqual({
      streams: 5,
      // 36 of stream 1 from 16 on, 13, 2, none of those that are trimmed or empty.
      records: 35,
      bytes: expect.any(Number),
      metadataEntries: 1200,
      copiedRecords: 36,
      isResumed: false,
    });
    const wanted = await look(source, contentOf);
    expect(await look(target, contentOf)).toBe(wanted);
    expect(wanted).toContain('[4,{"tail":{"seqNum":3,"timestamp":1002},"trimPoint":3');
    expect(seen.filter(({ phase }) => phase === "verify").at(-1)).toMatchObject({ streams: 5 });
    // A server goes on where the source was.
    await commit(target, appendOf({ streamId: 4, firstSeqNum: 3, bodies: ["next"] }));
    expect(await look(target, contentOf)).toContain("3:1003:next");
  });

  it("goes on after a death at any commit, and is never taken for whole before", async () => {
    const source = await filled(makeSource);
    const target = empty(makeTarget);
    const wanted = await look(source, contentOf);
    let deaths = 0;
    for (let commits = 0; ; commits++) {
      const openTarget = async (): Promise<CopiedStore> =>
        new DyingStore(await target.open(), commits, () => target.die());
      const result = await copy(source, openTarget).catch((error: Error) => error);
      const isWhole = await look(target, (store) => {
        try {
          requireWhole(store);
          return store.allStreams().next().done === false;
        } catch {
          return false;
        }
      });
      if (!(result instanceof Error)) {
        expect(result).toMatchObject({ isResumed: true, streams: 5, records: 35 });
        break;
      }
      expect(result.message).toContain("the process died");
      expect(isWhole).toBe(false);
      deaths++;
    }
    expect(deaths).toBeGreaterThan(5);
    expect(await look(target, contentOf)).toBe(wanted);
    // One that was killed behind its last commit is told that it was done.
    expect(await copy(source, target.open)).toMatchObject({ isResumed: true, copiedRecords: 0 });
  });
});

describe("a copy is refused", () => {
  it("onto a store that has something else, and leaves that alone", async () => {
    const source = await filled(diskMedium);
    const target = empty(diskMedium);
    await commit(target, put("there", "before"));
    const before = await look(target, contentOf);
    await expect(copy(source, target.open)).rejects.toThrow("has another store already");
    expect(await look(target, contentOf)).toBe(before);
  });

  it("of a source that has changed since it was begun, or of another one", async () => {
    const source = await filled(diskMedium);
    const target = empty(bucketMedium);
    const dies = async (): Promise<CopiedStore> =>
      new DyingStore(await target.open(), 3, () => target.die());
    await expect(copy(source, dies)).rejects.toThrow("died");
    await commit(source, put("new", "later"));
    await expect(copy(source, target.open)).rejects.toThrow("the source has changed since");
    const other = await filled(bucketMedium);
    await expect(copy(other, target.open)).rejects.toThrow("unfinished copy of another store");
  });

  it("of a copy that was not finished itself", async () => {
    const source = await filled(diskMedium);
    const half = empty(bucketMedium);
    const dies = async (): Promise<CopiedStore> =>
      new DyingStore(await half.open(), 3, () => half.die());
    await expect(copy(source, dies)).rejects.toThrow("died");
    await expect(copy(half, empty(diskMedium).open)).rejects.toThrow("was not finished: run");
  });

  it("in the middle, when it is interrupted, and goes on", async () => {
    const source = await filled(diskMedium);
    const target = empty(bucketMedium);
    const controller = new AbortController();
    const onProgress = ({ records }: CopyProgress): void => {
      if (records > 10) controller.abort();
    };
    const stopped = copy(source, target.open, { signal: controller.signal, onProgress });
    await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
    const { isResumed, copiedRecords } = await copy(source, target.open);
    expect([isResumed, copiedRecords > 0, copiedRecords < 36]).toEqual([true, true, true]);
  });
});

/** One more record of the stream of sealed ones. */
function sealed(firstSeqNum: number, body: string, meteredBytes: number): readonly Mutation[] {
  const append = appendOf({ streamId: 3, firstSeqNum, bodies: [body] });
  append.batch.meteredBytes = meteredBytes;
  return [append];
}

describe("the proof of a copy finds", () => {
  type Mutations = readonly Mutation[];
  /** What is done to the copy, what it is found by, and what is done to the source beside it. */
  const different: readonly [string, Mutations, RegExp, Mutations?][] = [
    ["a record more", [appendOf({ streamId: 2, firstSeqNum: 13, bodies: ["x"] })], /another state/],
    ["a trim", [{ kind: "trim", streamId: 2, trimPoint: 1 }], /stream=2 has another state/],
    ["a stream that is gone", [{ kind: "drop-stream", streamId: 5 }], /stream=5 is missing/],
    [
      "a stream more",
      [{ kind: "create-stream", streamId: 9, writtenMs: 1 }],
      /stream=9 is in the copy alone/,
    ],
    ["an entry more", [put("~", "")], /metadata key=~ is in the copy alone/],
    ["an entry more in front", [put("\u0001", "")], /metadata key=01 is in the copy alone/],
    [
      "an entry less",
      [{ kind: "delete", key: Uint8Array.of(2, 0xff, 0, 7) }],
      /metadata key=02ff0007 is missing/,
    ],
    [
      "another value",
      [{ kind: "put", key: Uint8Array.of(4, 0xff, 1, 43), value: Buffer.from("?") }],
      /metadata key=04ff012b has another value/,
    ],
    ["another byte", sealed(2, "one", 17), /stream=3 has other records/, sealed(2, "onE", 17)],
    ["another size", sealed(3, "two", 17), /stream=3 has other records/, sealed(3, "two", 18)],
  ];

  it("every difference, one by one", async () => {
    const source = await filled(diskMedium);
    for (const [what, mutations, says, beside] of different) {
      const target = empty(bucketMedium);
      await copy(source, target.open);
      await commit(target, ...mutations);
      if (beside !== undefined) await commit(source, ...beside);
      const { differences } = await look(source, (ours) =>
        look(target, (theirs) => compareStores(ours, theirs, { onProgress: () => undefined })),
      );
      expect(differences, what).toEqual([expect.stringMatching(says)]);
    }
  });
});
