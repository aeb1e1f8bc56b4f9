// The group that a start writes holds no commits: no position tells whether the disk has it. Nothing may
// build on it before.

import { expect, it } from "vitest";
import { appendOf, linesOf } from "../../../src/testing/append-source.js";
import { SimulatedStore, STORE } from "../crash/simulated-store.js";

const SECTOR_BYTES = 4096;
const SEGMENT_BYTES = 64 * 1024;
/** A segment to its last sector, less the group of the start and that of the stream. */
const APPENDS = SEGMENT_BYTES / SECTOR_BYTES - 2;

it("a start that fails on a full disk, where a segment ends, leaves a store that starts", async () => {
  const store = new SimulatedStore();
  const first = await store.open({ segmentBytes: SEGMENT_BYTES });
  await first.whenDurable(
    first.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]).position,
  );
  for (let seqNum = 0; seqNum < APPENDS; seqNum++) {
    const { position } = first.commit([
      appendOf({ streamId: 1, firstSeqNum: seqNum, bodies: [`${seqNum}`] }),
    ]);
    await first.whenDurable(position);
  }
  store.restart("kill");
  // Left over by a crash: upkeep looks after it at once.
  store.disk.place(`${STORE}/segments/000000000009.seg`, new Uint8Array(SECTOR_BYTES));
  // The segment that was prepared is gone, and there is no room for another one.
  await store.disk.mount().remove(`${STORE}/wal/000000000002.seg`);
  store.disk.capacityBytes = 0;
  await expect(
    store.open({ segmentBytes: SEGMENT_BYTES, maintenance: "automatic" }),
  ).rejects.toThrow("cannot make it");
  // What upkeep began goes on for some turns.
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));

  store.restart("power");
  store.disk.capacityBytes = Number.POSITIVE_INFINITY;
  const again = await store.open({ segmentBytes: SEGMENT_BYTES });
  const batches = await again.read(1, 0, { maxBytes: 1 << 20, endSeqNum: Number.MAX_SAFE_INTEGER });
  expect(linesOf(batches)).toHaveLength(APPENDS);
  await again.close();
});
