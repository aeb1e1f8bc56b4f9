// Event streams that go on where one broke: what Last-Event-ID replaces and reduces, and ids that
// are none. Cases of the suite in sse.ts. Spec: data-plane#sse.

import { type Case, define } from "../../case.js";
import { equal, refused } from "../../expect.js";
import type { EventStream } from "../../probe/events.js";
import type { Context } from "../../run/context.js";
import { numbers, whole } from "./events.js";

async function resumes(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b", "c", "d", "e");
  const resume = (id: string, query: string): Promise<EventStream> =>
    stream.events(query, { "last-event-id": id });
  const byCount = await whole(await resume("1,2,18", "seq_num=0&count=4"));
  equal(
    [numbers(byCount), byCount.at(-1)?.id],
    [[2, 3], "3,4,36"],
    "count is reduced, counting goes on",
  );
  equal(
    numbers(await whole(await resume("1,2,18", "seq_num=4&bytes=36"))),
    [2, 3],
    "bytes are reduced, the start is replaced",
  );
  equal(
    numbers(await whole(await resume("1,2,18", "tail_offset=1&wait=0"))),
    [2, 3, 4],
    "in place of any other start",
  );
  equal(
    numbers(await whole(await resume("3,4,36", "seq_num=0&count=4"))),
    [],
    "a bound of which nothing is left",
  );
  equal(
    numbers(await whole(await resume("3,9,99", "seq_num=0&count=4"))),
    [],
    "a bound that was exceeded",
  );
}

async function resumesAtTheTail(context: Context): Promise<void> {
  const stream = await context.stream();
  await stream.bodies("a", "b", "c");
  // All there is was delivered, less than was asked for: the end that the stream which broke owed.
  for (const bound of ["count=10", "bytes=1000", `until=${2 ** 50}`]) {
    const events = await stream.events(`seq_num=0&${bound}`, { "last-event-id": "2,3,27" });
    equal(await whole(events), [], `events of ?${bound} behind the last record`);
  }
  // Beyond the tail there is nothing to resume: such an id is of another stream.
  const beyond = await stream.events("seq_num=0&count=10", { "last-event-id": "7,8,72" });
  equal([beyond.refusal?.status, beyond.refusal?.json.tail.seq_num], [416, 3], "beyond the tail");
  const first = await stream.events("seq_num=3&count=10");
  equal(first.refusal?.status, 416, "a first request at the tail");
}

const BAD_IDS: readonly Case[] = [
  "x",
  "1",
  "1,2",
  "1,2,3,4",
  "-1,0,0",
  "1,2,x",
  "1.5,1,1",
  "42:10:8192",
  "18446744073709551616,1,1",
].map((id, index) =>
  define(
    `bad-last-event-id-${index + 1}`,
    "d#sse",
    `Last-Event-ID: ${id} is 400 bad_header`,
    async (context) => {
      const stream = await context.stream();
      await stream.bodies("a");
      refused(
        await stream.get("seq_num=0&count=1", {
          headers: { accept: "text/event-stream", "last-event-id": id },
        }),
        400,
        "bad_header",
      );
    },
  ),
);

export const SSE_RESUMING: readonly Case[] = [
  define("last-event-id", "d#sse", "Last-Event-ID resumes: start, count and bytes", resumes),
  define(
    "resume-at-the-tail",
    "d#sse d#where-a-read-starts",
    "resumed at the very tail, it ends as the one that broke would have",
    resumesAtTheTail,
  ),
  ...BAD_IDS,
];
