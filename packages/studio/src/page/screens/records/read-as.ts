// Where reading starts, as the address says it; and reading from there outside of this page.
// Pure, but for what the page knows of its server and its keys.

import {
  type CopyAs,
  curl,
  flags,
  keyFlag,
  program,
  streamHandle,
  streamPath,
  text,
  uri,
} from "../../format/copy-as.js";
import { parseTime } from "../../format/times.js";
import type { Start, StreamTarget } from "../../protocol.js";
import { common, endpoint } from "../../state/connection.js";
import { hasKey } from "../../state/stream-keys.js";

/** `tail`, `seq:42`, `time:1700000000000`. */
export function parseStart(value: string | null): Start {
  const [kind, number] = (value ?? "tail").split(":");
  if (kind === "seq" && /^\d+$/.test(number ?? "")) return { kind: "seq", seqNum: Number(number) };
  const timestamp = kind === "time" ? parseTime(number ?? "") : undefined;
  return timestamp === undefined ? { kind: "tail" } : { kind: "time", timestamp };
}

export function readAs(
  { basin, stream }: StreamTarget,
  start: Start,
  isFollowing: boolean,
): CopyAs {
  const seqNum = start.kind === "seq" ? start.seqNum : undefined;
  const timestamp = start.kind === "time" ? start.timestamp : undefined;
  const tailOffset = start.kind === "tail" ? 10 : undefined;
  const from = { seqNum, timestamp, tailOffset };
  const bound = isFollowing ? {} : { count: 100 };
  const isKeyed = hasKey({ basin, stream });
  return {
    title: isFollowing ? "follow this stream" : "read these records",
    cli: isFollowing
      ? `s2kit tail -f ${uri(basin, stream)}${keyFlag(isKeyed)}`
      : `s2kit read ${uri(basin, stream)}${flags({ "seq-num": seqNum, timestamp, "tail-offset": tailOffset, ...bound })}${keyFlag(isKeyed)}`,
    curl: curl({
      ...common(),
      path: streamPath(stream, "/records"),
      basin,
      isKeyed,
      query: { seq_num: seqNum, timestamp, tail_offset: tailOffset, ...bound },
      ...(isFollowing ? { accept: "text/event-stream" } : {}),
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `const reader = await ${streamHandle(basin, stream, isKeyed)}.readSession({
  start: { from: ${text(from)} },${isFollowing ? "" : "\n  stop: { limits: { count: 100 } },"}
});
for await (const record of reader) console.log(record.seqNum, record.body);`,
    ),
  };
}
