// A child process that fills its disk: `fill-disk.ts <directory>`. Opens, appends until nothing is
// taken any more, closes, and says as JSON how far it came; an end without a word is a failure.

import { writeSync } from "node:fs";
import { S2Error, sleep, systemClock } from "@s2kit/core";
import {
  type DiskEngine,
  openDiskStorage,
} from "../../../src/storage/disk/engine/open-disk-storage.js";
import { appendOf } from "../../../src/testing/append-source.js";

const [, , directory = ""] = process.argv;
const SEGMENT_BYTES = 4 * 1024 * 1024;
const BODY = new Uint8Array(100_000);

function say(facts: object): void {
  writeSync(1, `${JSON.stringify(facts)}\n`);
}

async function fill(storage: DiskEngine): Promise<void> {
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 1 }]);
  const waiting: Promise<void>[] = [];
  let refused = 0;
  for (let turn = 0; turn < 200; turn++) {
    const firstSeqNum = storage.streamState(1)?.tail.seqNum ?? 0;
    try {
      const { position } = storage.commit([appendOf({ streamId: 1, firstSeqNum, bodies: [BODY] })]);
      const durable = storage.whenDurable(position);
      // It may fail while others are still on their way: looked at below.
      durable.catch(() => undefined);
      waiting.push(durable);
    } catch {
      refused++;
    }
    if (turn % 10 === 0) await sleep(systemClock, 5);
  }
  const outcomes = Promise.allSettled(waiting);
  await storage.close();
  const acked = (await outcomes).filter(({ status }) => status === "fulfilled").length;
  say({ end: "closed", acked, failed: waiting.length - acked, refused });
}

try {
  await fill(
    await openDiskStorage({
      directory,
      clock: systemClock,
      segmentBytes: SEGMENT_BYTES,
      closeGraceMs: 500,
    }),
  );
} catch (error) {
  say({ end: "refused", code: error instanceof S2Error ? error.code : String(error) });
}
