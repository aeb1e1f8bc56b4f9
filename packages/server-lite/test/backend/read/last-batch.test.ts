// The last stored batch of a session carries the tail that it reaches; no earlier one does, none
// that a bound cuts short of it, and no answer to a single read.

import { encodeAppendInput } from "@s2kit/core";
import { expect, it } from "vitest";
import { type BackendNode, openNode } from "../../support/backend-node.js";

const ADDRESS = { basin: "test-basin", stream: "s" };

async function nodeWith(records: number): Promise<BackendNode> {
  const node = openNode();
  node.backend.basins.create({ basin: "test-basin" });
  node.backend.shard.streams.create(ADDRESS);
  const body = Buffer.from("x");
  for (let at = 0; at < records; at += 1000) {
    const count = Math.min(1000, records - at);
    const message = encodeAppendInput({
      records: Array.from({ length: count }, () => ({ headers: [], body })),
    });
    await new Promise((acked, failed) => {
      void node.backend.append(() => node.backend.openAppend(ADDRESS), message, { acked, failed });
    });
  }
  return node;
}

async function tailsOf(
  node: BackendNode,
  count: number | undefined,
  kind: "streaming" | "unary",
): Promise<(number | undefined)[]> {
  const query = { from: { seqNum: 0 }, count };
  const reader = await node.backend.openRead(ADDRESS, query, { kind });
  const tails: (number | undefined)[] = [];
  for (;;) {
    const item = await reader.next();
    if (item === undefined || item.count === 0) break;
    tails.push(item.tail?.seqNum);
  }
  reader.close();
  return tails;
}

it("tells the tail with the last stored batch of a session, and with no other", async () => {
  const node = await nodeWith(1500);
  expect(await tailsOf(node, undefined, "streaming")).toEqual([undefined, 1500]);
  expect(await tailsOf(node, 1400, "streaming")).toEqual([undefined, undefined]);
  expect(await tailsOf(node, 1500, "unary")).toEqual([undefined, undefined]);
});
