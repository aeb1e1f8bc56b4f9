import { describe, expect, it } from "vitest";
import type { Mutation } from "../../../src/storage/storage.js";
import { appendOf } from "../../../src/testing/append-source.js";
import { SimulatedStore } from "../crash/simulated-store.js";
import { uncountedBytes } from "./dead-bytes.js";

/** More than one transaction of a checkpoint takes. */
const STREAMS = 2400;

describe("a checkpoint of several transactions", () => {
  it("loses no count of garbage when the process ends between two of them", async () => {
    for (let survivors = 1; survivors <= 4; survivors++) {
      const store = new SimulatedStore();
      const storage = await store.open({ segmentBytes: 1024 * 1024 });
      const commit = async (mutations: Mutation[]) =>
        storage.whenDurable(storage.commit(mutations).position);
      for (let first = 1; first <= STREAMS; first += 100) {
        const ids = Array.from({ length: 100 }, (_, index) => first + index);
        await commit(
          ids.map((streamId) => ({ kind: "create-stream", streamId, writtenMs: 1 }) as const),
        );
        await commit(ids.map((streamId) => appendOf({ streamId, firstSeqNum: 0, bodies: ["x"] })));
      }
      for (let seqNum = 1; seqNum < 12; seqNum++)
        await commit([
          appendOf({ streamId: 1, firstSeqNum: seqNum, bodies: [new Uint8Array(100_000)] }),
        ]);
      await storage.maintain();
      expect(uncountedBytes(store.medium)).toBe(0);
      for (let streamId = 2; streamId <= STREAMS; streamId += 2)
        await commit([{ kind: "trim", streamId, trimPoint: 1 }]);
      // The transactions from this one on are lost with the process.
      let transactions = 0;
      const stopped = new Promise<void>((resolve) => {
        store.medium.beforeWrite = () => {
          if (++transactions <= survivors) return Promise.resolve();
          resolve();
          return new Promise(() => {});
        };
      });
      void storage.maintain();
      await stopped;
      store.restart("kill");
      store.medium.beforeWrite = async () => {};
      const again = await store.open({ segmentBytes: 1024 * 1024 });
      await again.maintain();
      await again.close();
      expect(uncountedBytes(store.medium), `${survivors} transactions`).toBe(0);
    }
  });
});
