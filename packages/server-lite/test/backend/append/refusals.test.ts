// Refusals report state; state that is not durable is not reported.

import { encodeAppendInput, encodeUtf8, S2Error } from "@s2kit/core";
import { DEFAULT_STREAM_CONFIG } from "@s2kit/core/control";
import { AppendBatch, scanAppendInput } from "@s2kit/core/server";
import { expect, test } from "vitest";
import { createPendingAppends } from "../../../src/backend/append/pending-appends.js";
import { Streamer } from "../../../src/backend/append/streamer.js";
import { createMemoryStorage } from "../../../src/storage/memory/memory.js";

test("a refusal waits for what any commit of the node changed, with no append before it", async () => {
  const storage = createMemoryStorage();
  const { position } = storage.commit([{ kind: "create-stream", streamId: 1, writtenMs: 0 }]);
  await storage.whenDurable(position);
  const pending = createPendingAppends(storage);
  const context = { storage, pending, now: () => 1, lastPosition: position, openLeases: 0 };
  const streamer = new Streamer(context, { streamId: 1, config: DEFAULT_STREAM_CONFIG });
  storage.holdDurability();
  // The catalog marks the stream as deleted: so far in memory only.
  context.lastPosition = storage.commit([
    { kind: "put", key: encodeUtf8("mark"), value: encodeUtf8("deleted") },
  ]).position;
  streamer.retire(new S2Error({ code: "stream_deletion_pending", message: "going" }));
  const answers: string[] = [];
  const records = [{ timestamp: undefined, headers: [], body: encodeUtf8("x") }];
  const input = { records, matchSeqNum: undefined, fencingToken: undefined };
  streamer.append(scanAppendInput(encodeAppendInput(input), new AppendBatch()), {
    acked: () => answers.push("acked"),
    failed: ({ code }) => answers.push(code),
  });
  await Promise.resolve();
  expect(answers).toEqual([]);
  storage.releaseDurability();
  expect(answers).toEqual(["stream_deletion_pending"]);
  await storage.close();
});
