// One basin: its streams, its metrics, its settings.
// The frame of its parts, which are files of their own.

import { printable } from "../../format/text.js";
import { Tabs } from "../../parts/tabs.js";
import { hrefOf } from "../../state/route.js";
import { Metrics } from "../metrics/metrics.js";
import { Streams } from "../streams/streams.js";
import { BasinSettings } from "./basin-settings.js";

const TABS = [
  ["streams", "Streams"],
  ["metrics", "Metrics"],
  ["settings", "Settings"],
] as const;

export function Basin({
  basin,
  tab,
}: {
  readonly basin: string;
  readonly tab: "metrics" | "settings" | "streams";
}) {
  return (
    <main class="screen full" id="main">
      <div class="bar">
        <h1 class="crumbs">
          <a href={hrefOf({ screen: "basins" })}>Basins</a>
          <b>{printable(basin)}</b>
        </h1>
        <Tabs
          tabs={TABS}
          current={tab}
          href={(key) => hrefOf({ screen: "basin", basin, tab: key })}
        />
      </div>
      {tab === "streams" && <Streams basin={basin} key={basin} />}
      {tab === "metrics" && <Metrics basin={basin} key={basin} />}
      {tab === "settings" && <BasinSettings basin={basin} key={basin} />}
    </main>
  );
}
