// What came of it: how far a file is, and what is acknowledged, with its numbers and its time.
// Part of the screen of appending.

import { count, counted } from "../../format/numbers.js";
import { When } from "../../parts/when.js";
import type { StreamTarget } from "../../protocol.js";
import { hrefOf } from "../../state/route.js";
import type { Sent } from "./send.js";

export function Progress({ done, all }: { readonly done: number; readonly all: number }) {
  return (
    <p class="progress">
      <progress max={all} value={done} aria-label="Records appended" />
      <span class="num">
        {count(done)} of {count(all)}
      </span>
    </p>
  );
}

export function Acks({
  target,
  acks,
}: {
  readonly target: StreamTarget;
  readonly acks: readonly Sent[];
}) {
  if (acks.length === 0)
    return (
      <p class="muted">
        What is acknowledged is durable, and shows up here with its numbers and the time it took.
      </p>
    );
  return (
    <ul class="acks">
      {acks.map(({ start, end, records, tookMs }) => (
        <li key={start.seqNum}>
          <a
            href={hrefOf(
              { screen: "stream", ...target, tab: "records" },
              { from: `seq:${start.seqNum}`, record: String(start.seqNum) },
            )}
          >
            <b class="num">
              {count(start.seqNum)}
              {end.seqNum - start.seqNum > 1 && ` to ${count(end.seqNum - 1)}`}
            </b>
          </a>
          <span class="muted">
            {counted(records, "record")} · <When ms={end.timestamp} />
          </span>
          <span class="num right">{tookMs.toFixed(1)} ms</span>
        </li>
      ))}
    </ul>
  );
}
