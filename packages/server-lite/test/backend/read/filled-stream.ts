// A stream of some batches with two records each, in a store in memory, without a node around it.

import { type Clock, encodeAppendInput, encodeUtf8 } from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import { createPendingAppends } from "../../../src/backend/append/pending-appends.js";
import { Streamer } from "../../../src/backend/append/streamer.js";
import { createMemoryStorage, type MemoryStorage } from "../../../src/storage/memory/memory.js";

export interface FilledStream {
  readonly storage: MemoryStorage;
  readonly streamer: Streamer;
}

export async function filledStream(batches: number, clock: Clock): Promise<FilledStream> {
  const storage = createMemoryStorage();
  storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 0 }]);
  const streamer = new Streamer(
    {
      storage,
      pending: createPendingAppends(storage),
      now: () => clock.now(),
      lastPosition: 1,
      openLeases: 0,
    },
    { streamId: 1, config: DEFAULT_STREAM_CONFIG },
  );
  for (let batch = 0; batch < batches; batch++) await appendTwo(streamer, `batch ${batch}`);
  return { storage, streamer };
}

/** Appends a batch of two records with this body. */
export function appendTwo(streamer: Streamer, body: string): Promise<void> {
  const record = { timestamp: undefined, headers: [], body: encodeUtf8(body) };
  const message = encodeAppendInput({
    records: [record, record],
    matchSeqNum: undefined,
    fencingToken: undefined,
  });
  return new Promise((resolve, reject) => {
    streamer.append(scanAppendInput(message, new AppendBatch()), {
      acked: () => resolve(),
      failed: reject,
    });
  });
}
