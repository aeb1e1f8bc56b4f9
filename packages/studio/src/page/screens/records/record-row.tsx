// One record as a row of the list.
// Names, bodies and times stand where they stand in every row.

import { bytes, count, counted } from "../../format/numbers.js";
import { When } from "../../parts/when.js";
import type { RowView } from "../../protocol.js";

export const COLUMNS = [
  { name: "Number", class: "right" },
  { name: "Time" },
  { name: "Body" },
  { name: "Headers", class: "right wide-only" },
  { name: "Size", class: "right" },
];

export function rowClass(row: RowView | undefined, openRecord: string | null): string {
  if (row === undefined) return "";
  const isOpen = String(row.seqNum) === openRecord ? " current" : "";
  return `${row.kind === "data" ? "" : "command"}${row.skipped > 0 ? " skipped" : ""}${isOpen}`;
}

export function RecordCells({ row }: { readonly row: RowView | undefined }) {
  if (row === undefined) return <span role="gridcell" class="waiting" />;
  return (
    <>
      <span
        role="gridcell"
        class="right num seq"
        title={
          row.skipped > 0
            ? `${counted(row.skipped, "record")} before this one not shown`
            : undefined
        }
      >
        {count(row.seqNum)}
      </span>
      <span role="gridcell" class="muted">
        <When ms={row.timestamp} />
      </span>
      <span role="gridcell" class={`body-cell ${row.isText ? "" : "binary"}`}>
        {row.kind !== "data" && <span class="badge">{row.kind}</span>}
        {!row.isText && <span class="badge">binary</span>}
        {row.preview === "" ? <span class="muted">empty body</span> : <bdi>{row.preview}</bdi>}
      </span>
      <span role="gridcell" class="right num muted wide-only">
        {row.headers === 0 ? "" : count(row.headers)}
      </span>
      <span role="gridcell" class="right num muted">
        {bytes(row.bodyBytes)}
      </span>
    </>
  );
}
