// A list of records with nothing in it: why, and what to do next.
// Drawn in the place of the list.

import { uri } from "../../format/copy-as.js";
import { count, counted } from "../../format/numbers.js";
import { Empty } from "../../parts/notices.js";
import type { RecordsView, StreamTarget } from "../../protocol.js";
import { hrefOf } from "../../state/route.js";

export function NoRecords({
  basin,
  stream,
  view,
  filter,
}: StreamTarget & { readonly view: RecordsView; readonly filter: string }) {
  if (filter.trim() !== "")
    return (
      <Empty title="Nothing that is loaded matches">
        <p>
          The filter looks at the {counted(view.loaded, "record")} loaded here, not at the whole
          stream.
        </p>
      </Empty>
    );
  const href = hrefOf({ screen: "stream", basin, stream, tab: "append" });
  if (view.tail === undefined || view.tail.seqNum === 0)
    return (
      <Empty title="This stream is empty">
        <p>
          <a href={href}>Append the first record</a>, or write it from a terminal: it shows up here
          at once.
        </p>
        <pre class="code">echo hello | s2kit append {uri(basin, stream)}</pre>
      </Empty>
    );
  return (
    <Empty title="No records here">
      <p>
        {view.phase.kind === "still"
          ? "Nothing is kept from this place on. Start earlier, or follow the tail."
          : `Everything before ${count(view.tail.seqNum)} was trimmed. New records show up here.`}
      </p>
    </Empty>
  );
}
