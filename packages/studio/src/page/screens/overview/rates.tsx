// What goes through the server, as plots of its own metrics page over the last minutes.
// Part of the overview.

import { useComputed } from "@preact/signals";
import { bytes, short } from "../../format/numbers.js";
import { Plot } from "../../parts/plot.js";
import { health, levels, rates, vitals } from "../../state/vitals.js";

export function Rates() {
  const plots = useComputed(() => {
    const all = vitals.value;
    return {
      seconds: all.map(({ atSecs }) => atSecs),
      records: rates(all, "s2_append_batch_records_sum"),
      bytes: rates(all, "s2_append_batch_bytes_sum"),
      readRecords: rates(all, "s2kit_read_records_total"),
      readBytes: rates(all, "s2kit_read_bytes_total"),
      inflight: levels(all, "s2kit_append_inflight_bytes"),
    };
  }).value;
  const perSecond = (value: number): string => `${bytes(value)}/s`;
  if (vitals.value.length === 0)
    return (
      <p class="muted quiet-line" role="status">
        {health.value === undefined
          ? "Asking the server how it is…"
          : "This server has no metrics page: no rates to show."}
      </p>
    );
  return (
    <section class="cards three" aria-label="Rates">
      <Plot
        title="Records"
        seconds={plots.seconds}
        format={(value) => `${short(value)}/s`}
        series={[
          { name: "appended", colour: "series-1", values: plots.records },
          { name: "read", colour: "series-4", values: plots.readRecords },
        ]}
      />
      <Plot
        title="Bytes"
        seconds={plots.seconds}
        format={perSecond}
        isBinary
        series={[
          { name: "appended", colour: "series-1", values: plots.bytes },
          { name: "read", colour: "series-4", values: plots.readBytes },
        ]}
      />
      <Plot
        title="Not durable yet"
        seconds={plots.seconds}
        format={bytes}
        isBinary
        series={[{ name: "in flight", colour: "series-3", values: plots.inflight }]}
      />
    </section>
  );
}
