// Usage over time by the API's own metrics: of the account, a basin or a stream; one hour to thirty
// days. The same for all three levels; used as a screen and as a part of basins and streams.

import { useSignal } from "@preact/signals";
import { printable } from "../../format/text.js";
import { CopyAsButton } from "../../parts/copy-dialog.js";
import { Choice } from "../../parts/fields.js";
import { Empty, Failed } from "../../parts/notices.js";
import { call } from "../../state/bridge.js";
import { useLoaded } from "../../state/loaded.js";
import { hrefOf, route, setQuery } from "../../state/route.js";
import { metricsAs } from "./metrics-as.js";
import { type Level, RANGES, SETS } from "./ranges.js";
import { Series } from "./series.js";

export function Metrics({ basin, stream }: { readonly basin?: string; readonly stream?: string }) {
  const level: Level = basin === undefined ? "account" : stream === undefined ? "basin" : "stream";
  const chosen = route.value.query.get("range") ?? "1h";
  const range = RANGES.find(([key]) => key === chosen) ?? RANGES[0];
  const turn = useSignal(0);
  return (
    <>
      <div class="bar sub">
        <div class="tabs" role="group" aria-label="Range">
          {RANGES.map(([key, name]) => (
            <button
              type="button"
              key={key}
              aria-pressed={key === range[0]}
              onClick={() => setQuery({ range: key })}
            >
              {name}
            </button>
          ))}
        </div>
        <span class="spacer" />
        <CopyAsButton make={() => metricsAs(basin, stream, range[0])} />
        <button type="button" onClick={() => turn.value++}>
          Refresh
        </button>
      </div>
      <div class="cards plots scroll" tabIndex={0} role="region" aria-label="Plots">
        {SETS[level].map(([set, title, isGauge]) => (
          <Series
            key={set + range[0]}
            {...{ basin, stream, set, title, isGauge, turn: turn.value }}
            spanMs={range[2]}
          />
        ))}
      </div>
    </>
  );
}

export function MetricsScreen() {
  const basins = useLoaded(() => call("listBasins", { limit: 200 }), []);
  const basin = route.value.query.get("basin") ?? "";
  return (
    <main class="screen full" id="main">
      <div class="bar">
        <h1>Metrics</h1>
        <Choice
          label="Of"
          value={basin}
          onChange={(value) => setQuery({ basin: value })}
          options={[
            ["", "the account"],
            ...(basins.value?.basins ?? []).map(({ name }) => [name, printable(name)] as const),
          ]}
        />
        {basin !== "" && (
          <a href={hrefOf({ screen: "basin", basin, tab: "streams" })} class="muted">
            its streams
          </a>
        )}
      </div>
      {basins.failure !== undefined && basins.failure.status === undefined ? (
        <Empty title="No metrics">
          <Failed failure={basins.failure} retry={basins.reload} />
        </Empty>
      ) : (
        <Metrics key={basin} {...(basin === "" ? {} : { basin })} />
      )}
    </main>
  );
}
