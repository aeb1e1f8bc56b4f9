// A stream of large batches without sockets, whose storage hands each batch out in memory of its own or
// in lent buffers: for what readers keep and give back.

import { encodeAppendInput, type ReadQuery, seededRandom } from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import { createSimulatedClock, type SimulatedClock } from "@s2kit/core/testing";
import { createPendingAppends } from "../../src/backend/append/pending-appends.js";
import { Streamer } from "../../src/backend/append/streamer.js";
import { planRead } from "../../src/backend/read/read-plan.js";
import type { Reader } from "../../src/backend/read/reader.js";
import { createReader } from "../../src/backend/read/stream-reader.js";
import type { MemoryBudget } from "../../src/memory/memory-budget.js";
import { createMemoryStorage } from "../../src/storage/memory/memory.js";
import type { Storage, StoredBatch } from "../../src/storage/storage.js";

const MIB = 1024 * 1024;
/** The largest record there is: a batch of it is a whole step, and a whole item. */
const BODY_BYTES = MIB - 8;

export interface StoredStream {
  readonly storage: Storage;
  readonly streamer: Streamer;
  readonly clock: SimulatedClock;
  append(): Promise<void>;
  read(options?: { query?: ReadQuery; budget?: MemoryBudget }): Promise<Reader>;
}

/**
 * @param batches - of one record each
 * @param handOut - what the reader gets of the batches of one read
 */
export async function storedStream(
  batches: number,
  handOut: (stored: StoredBatch) => StoredBatch,
): Promise<StoredStream> {
  const clock = createSimulatedClock(1_000_000);
  const memory = createMemoryStorage();
  const read: Storage["read"] = async (...args) => (await memory.read(...args)).map(handOut);
  const storage: Storage = new Proxy<Storage>(memory, {
    get: (target, name) => {
      const value: unknown = name === "read" ? read : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 0 }]);
  const context = {
    storage,
    pending: createPendingAppends(storage),
    now: () => clock.now(),
    lastPosition: 1,
    openLeases: 0,
  };
  const streamer = new Streamer(context, { streamId: 1, config: DEFAULT_STREAM_CONFIG });
  const body = new Uint8Array(BODY_BYTES).fill(97);
  const append = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const records = [{ timestamp: undefined, headers: [], body }];
      const input = { records, matchSeqNum: undefined, fencingToken: undefined };
      const batch = scanAppendInput(encodeAppendInput(input), new AppendBatch());
      streamer.append(batch, { acked: () => resolve(), failed: reject });
    });
  for (let left = batches; left > 0; left--) await append();
  return {
    storage,
    streamer,
    clock,
    append,
    async read({ query = { from: { seqNum: 0 } }, budget } = {}) {
      const plan = await planRead(storage, streamer, query);
      const random = seededRandom(1);
      return createReader({ storage, clock, random, decrypt: undefined, budget }, streamer, plan);
    },
  };
}
