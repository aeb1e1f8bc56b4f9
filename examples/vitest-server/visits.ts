// What is tested: an application that keeps visits in a stream.

import type { S2Stream } from "@s2kit/client";

export async function recordVisit(stream: S2Stream, page: string): Promise<number> {
  const ack = await stream.append([{ body: page }]);
  return ack.start.seqNum;
}

export async function visitsOf(stream: S2Stream, page: string): Promise<number> {
  let count = 0;
  for await (const { body } of await stream.readToTail({
    start: { from: { seqNum: 0 }, clamp: true },
  }))
    if (body === page) count += 1;
  return count;
}
