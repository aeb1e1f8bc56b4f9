// A child process that appends until it is killed: `append-load.ts <directory> <round> [--lend]`. Writes a line
// to stdout for each acknowledged batch, after it is durable: the parent holds the store to it.

import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { systemClock } from "@s2kit/core";
import { openDiskStorage } from "../../../src/storage/disk/engine/open-disk-storage.js";
import { appendOf } from "../../../src/testing/append-source.js";

const [, , directory = "", round = "0"] = process.argv;
const STREAMS = 4;

const storage = await openDiskStorage({
  directory,
  clock: systemClock,
  segmentBytes: 256 * 1024,
  allowsSmallSegments: true,
  cacheBytes: 512 * 1024,
  lendsSnapshots: process.argv.includes("--lend"),
});
// A process that is killed leaves no compiled code to the next one, unless it does so before.
flushCompileCache();
writeSync(1, "open\n");
await Promise.all(Array.from({ length: STREAMS }, (_, index) => append(index + 1)));

async function append(streamId: number): Promise<void> {
  if (storage.streamState(streamId) === undefined)
    storage.commit([{ kind: "create-stream", streamId, writtenMs: 1 }]);
  for (let turn = 0; ; turn++) {
    const state = storage.streamState(streamId);
    if (state === undefined) throw new Error("the stream is gone");
    const firstSeqNum = state.tail.seqNum;
    const bodies = Array.from(
      { length: 1 + (turn % 3) },
      (_, index) => `${streamId}/${firstSeqNum + index}/${round}/${"x".repeat((turn * 37) % 900)}`,
    );
    const trimPoint = turn % 50 === 49 ? Math.max(0, firstSeqNum - 200) : undefined;
    const { position } = storage.commit([
      appendOf({
        streamId,
        firstSeqNum,
        bodies,
        ...(trimPoint === undefined ? {} : { trimPoint }),
      }),
    ]);
    await storage.whenDurable(position);
    writeSync(1, `ack ${streamId} ${firstSeqNum + bodies.length} ${trimPoint ?? 0}\n`);
  }
}
