// What happens to a stream while a session on it is being opened: the one object that stands for it stays.

import { deferred } from "@s2kit/core";
import { afterEach, expect, it } from "vitest";
import { STREAMER_IDLE_MS } from "../../../src/backend/append/streamers.js";
import { type BackendNode, fill, openNode } from "../../support/backend-node.js";

const ADDRESS = { basin: "opening-basin", stream: "s" };

let node: BackendNode | undefined;
afterEach(() => node?.backend.close());

it("a streamer is not forgotten while storage looks for the start of a read", async () => {
  node = openNode();
  const { backend, clock, storage } = node;
  backend.basins.ensure({ basin: ADDRESS.basin });
  backend.shard.streams.ensure(ADDRESS);
  fill(node, ADDRESS.basin, ADDRESS.stream);
  const found = deferred<number>();
  // The proxy of the node hands on what its storage has.
  Object.assign(backend.shard.storage, { seekTimestamp: () => found.promise });
  expect(storage).toBe(backend.shard.storage);
  const opening = backend.openRead(ADDRESS, { from: { timestamp: 1 }, waitSecs: 60 });
  const before = backend.shard.streamers.peek(ADDRESS);
  clock.advance(2 * STREAMER_IDLE_MS);
  await backend.shard.streamers.sweep();
  expect(backend.shard.streamers.peek(ADDRESS)).toBe(before);
  found.resolve(0);
  const reader = await opening;
  reader.close();
  clock.advance(2 * STREAMER_IDLE_MS);
  await backend.shard.streamers.sweep();
  expect(backend.shard.streamers.peek(ADDRESS)).toBeUndefined();
});
