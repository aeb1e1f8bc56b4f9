// What there is to say about the list: its state in one line of one height, and what is not in it.
// Knows the view of the worker alone.

import { systemClock } from "@s2kit/core";
import { count, counted } from "../../format/numbers.js";
import { span } from "../../format/times.js";
import { Sparkline } from "../../parts/sparkline.js";
import { When } from "../../parts/when.js";
import type { RecordsView } from "../../protocol.js";

export function Status({
  view,
  isFollowing,
  isPinned,
  filter,
}: {
  readonly view: RecordsView | undefined;
  readonly isFollowing: boolean;
  readonly isPinned: boolean;
  readonly filter: string;
}) {
  return (
    <div class="status" role="group" aria-label="State of the list" tabIndex={0}>
      {isFollowing ? <Badge view={view} isPinned={isPinned} /> : <span class="badge">still</span>}
      {view !== undefined && (
        <>
          {view.sampling > 1 && <span class="badge warn">showing 1 of {count(view.sampling)}</span>}
          {isFollowing && (
            <span class="rate">
              <Sparkline values={view.history} label="Records per second, last minute" />
              <span class="num">{count(view.perSecond)}/s</span>
            </span>
          )}
          <span class="muted num">
            {filter.trim() === ""
              ? `${count(view.loaded)} loaded`
              : `${count(view.length)} of ${count(view.loaded)} loaded match`}
          </span>
          {view.tail !== undefined && (
            <span class="muted num">
              tail {count(view.tail.seqNum)}
              {view.tail.seqNum > 0 && (
                <>
                  {" · "}
                  <When ms={view.tail.timestamp} />
                </>
              )}
            </span>
          )}
          {view.reconnects > 0 && (
            <span
              class="muted num"
              title="The connection was lost and made again; reading went on where it had stopped"
            >
              reconnected {view.reconnects === 1 ? "once" : `${view.reconnects} times`}, nothing
              left out
            </span>
          )}
        </>
      )}
    </div>
  );
}

function Badge({
  view,
  isPinned,
}: {
  readonly view: RecordsView | undefined;
  readonly isPinned: boolean;
}) {
  const phase = view?.phase;
  if (view === undefined || phase === undefined || phase.kind === "loading")
    return <span class="badge">connecting</span>;
  if (phase.kind === "failed") return <span class="badge bad">ended</span>;
  if (phase.kind === "reconnecting")
    return (
      <span class="badge bad" title={phase.reason}>
        reconnecting, {span(systemClock.now() - phase.sinceMs)}
      </span>
    );
  if (phase.kind === "held")
    return <span class="badge warn">paused, records wait on the server</span>;
  const behind = (view.tail?.seqNum ?? 0) - view.hiSeqNum;
  if (phase.kind === "following" && !phase.isCaughtUp)
    return <span class="badge warn">lagging, {count(behind)} behind</span>;
  return <span class={isPinned ? "badge good" : "badge"}>{isPinned ? "live" : "paused"}</span>;
}

/** What is missing from the list, and why. */
export function Notes({ view }: { readonly view: RecordsView }) {
  const notes = [];
  if (view.wentBack !== undefined)
    notes.push(
      `The server came back with less than it had: its tail went from ${count(view.wentBack.from)} back to ${count(view.wentBack.to)}. What was shown before is gone there; following goes on from its new tail.`,
    );
  if (view.jumpedOver > 0)
    notes.push(
      `Jumped over ${counted(view.jumpedOver, "record")} to get to the tail; scroll up to read them.`,
    );
  if (view.trimmedBefore > 0)
    notes.push(`Records before ${count(view.trimmedBefore)} were trimmed: they are gone.`);
  if (notes.length === 0) return null;
  return <p class="note">{notes.join(" ")}</p>;
}
