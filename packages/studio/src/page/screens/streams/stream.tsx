// One stream: its records (still or live), appending, fence and trim, metrics, settings.
// Only the frame: each part is a file of its own.

import { printable } from "../../format/text.js";
import { Tabs } from "../../parts/tabs.js";
import type { StreamTarget } from "../../protocol.js";
import { hrefOf, type StreamTab } from "../../state/route.js";
import { hasKey, isKeyDialogOpen } from "../../state/stream-keys.js";
import { Append } from "../append/append.js";
import { Control } from "../control/control.js";
import { Metrics } from "../metrics/metrics.js";
import { Records } from "../records/records.js";
import { StreamSettings } from "./stream-settings.js";

const TABS: readonly (readonly [StreamTab, string])[] = [
  ["records", "Records"],
  ["append", "Append"],
  ["control", "Fence and trim"],
  ["metrics", "Metrics"],
  ["settings", "Settings"],
];

export function StreamScreen({ basin, stream, tab }: StreamTarget & { readonly tab: StreamTab }) {
  const target = { basin, stream };
  const key = `${basin}/${stream}`;
  return (
    <main class="screen full" id="main">
      <div class="bar">
        <h1 class="crumbs">
          <a href={hrefOf({ screen: "basins" })}>Basins</a>
          <a href={hrefOf({ screen: "basin", basin, tab: "streams" })}>{printable(basin)}</a>
          <b title={printable(stream)}>{printable(stream)}</b>
        </h1>
        {hasKey(target) && (
          <button type="button" class="quiet" onClick={() => (isKeyDialogOpen.value = true)}>
            Key set
          </button>
        )}
        <Tabs
          tabs={TABS}
          current={tab}
          href={(to) => hrefOf({ screen: "stream", basin, stream, tab: to })}
        />
      </div>
      {tab === "records" && <Records key={key} {...target} />}
      {tab === "append" && <Append key={key} {...target} />}
      {tab === "control" && <Control key={key} {...target} />}
      {tab === "metrics" && <Metrics key={key} {...target} />}
      {tab === "settings" && <StreamSettings key={key} {...target} />}
    </main>
  );
}
