// Where unary reads start: by number, time and offset, below the head, at the tail and beyond: 416.
// Cases of the suite in read.ts. Spec: data-plane#where-a-read-starts.

import { type Case, define } from "../../case.js";
import { equal, status } from "../../expect.js";
import type { Context } from "../../run/context.js";
import type { StreamHandle } from "../../run/stream-handle.js";

async function beyond(stream: StreamHandle, query: string, tail: object): Promise<void> {
  const answer = await stream.get(query);
  equal([answer.status, answer.json], [416, { tail }], `?${query}`);
}

async function emptyStream(context: Context): Promise<void> {
  const stream = await context.stream();
  for (const query of [
    "",
    "seq_num=0",
    "timestamp=0",
    "tail_offset=0",
    "tail_offset=5",
    "seq_num=0&clamp=true",
    "seq_num=7",
  ])
    await beyond(stream, query, { seq_num: 0, timestamp: 0 });
}

async function atAndBeyond(context: Context): Promise<void> {
  const stream = await context.stream();
  const { tail } = await stream.append([{ timestamp: 10 }, { timestamp: 20 }]);
  for (const query of [
    "",
    "tail_offset=0",
    "seq_num=2",
    "seq_num=2&clamp=true",
    "seq_num=9",
    "seq_num=9&clamp=true",
    "seq_num=18446744073709551615",
    "timestamp=21",
    "timestamp=99999999999999",
    "seq_num=2&wait=0",
    "seq_num=2&count=5",
  ])
    await beyond(stream, query, tail);
}

async function starts(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([10, 20, 20, 30].map((timestamp) => ({ timestamp })));
  const first = async (query: string): Promise<number | undefined> =>
    (await stream.numbers(query))[0];
  for (const [query, expected] of [
    ["seq_num=0", 0],
    ["seq_num=3", 3],
    ["timestamp=0", 0],
    ["timestamp=10", 0],
    ["timestamp=11", 1],
    ["timestamp=20", 1],
    ["timestamp=21", 3],
    ["timestamp=30", 3],
    ["tail_offset=1", 3],
    ["tail_offset=4", 0],
    ["tail_offset=99", 0],
    ["tail_offset=18446744073709551615", 0],
    ["seq_num=2&bogus=1", 2],
  ] as const)
    equal(await first(query), expected, `first record of ?${query}`);
}

async function belowTheHead(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([{ timestamp: 10 }, { timestamp: 20 }, { timestamp: 30 }]);
  await stream.trim(2);
  await context.until(
    () => stream.get("seq_num=0"),
    ({ json }) => json.records[0]?.seq_num === 2,
  );
  for (const query of ["seq_num=0", "seq_num=1", "timestamp=0", "tail_offset=99"])
    equal((await stream.numbers(query))[0], 2, `?${query} begins at what is left`);
}

async function everythingGone(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.append([{ timestamp: 10 }, { timestamp: 20 }]);
  const { tail } = await stream.trim(99);
  await context.until(
    () => stream.get("seq_num=0"),
    ({ json }) => json.records?.length === 0,
  );
  for (const query of ["seq_num=0", "seq_num=2", "tail_offset=3"]) {
    const answer = await stream.get(query);
    equal([answer.status, answer.json.records], [200, []], `?${query}`);
  }
  await beyond(stream, "seq_num=3", tail);
  // Resolves to the tail, then the rule for a start there applies.
  await beyond(stream, "timestamp=0", tail);
  await beyond(stream, `timestamp=${tail.timestamp}`, tail);
}

export const READ_STARTS: readonly Case[] = [
  define(
    "empty-stream",
    "d#where-a-read-starts d#words",
    "an empty stream is 416 with the tail (0, 0)",
    emptyStream,
  ),
  define(
    "at-the-tail",
    "d#where-a-read-starts",
    "at the tail and beyond it is 416 with the tail, clamped or not",
    atAndBeyond,
  ),
  define("starts", "d#where-a-read-starts d#parameters", "by number, by time, by offset", starts),
  define(
    "below-the-head",
    "d#where-a-read-starts d#loss-of-records-that-is-meant",
    "a start below the head begins at what is left, without an error",
    belowTheHead,
  ),
  define(
    "everything-gone",
    "d#where-a-read-starts",
    "when everything is gone: an empty 200, by time 416",
    everythingGone,
  ),
  define(
    "error-416-body",
    "d#where-a-read-starts c#error-body",
    "the body of 416 is the tail and no code",
    async (context) => {
      const stream = await context.stream();
      const answer = status(
        await stream.get("seq_num=1", { headers: { accept: "application/protobuf" } }),
        416,
      );
      equal(answer.json, { tail: { seq_num: 0, timestamp: 0 } }, "416");
    },
  ),
];
