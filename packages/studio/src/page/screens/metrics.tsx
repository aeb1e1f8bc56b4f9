// Usage over time by the API's own metrics: of the account, a basin or a stream; one hour to thirty
// days. The same for all three levels; used as a screen and as a part of basins and streams.

import { useSignal } from "@preact/signals";
import { curl, program, shellWord, text, uri } from "../format/copy-as.js";
import { bytes, count, short } from "../format/numbers.js";
import { printable } from "../format/text.js";
import { now } from "../format/times.js";
import { CopyAsButton } from "../parts/copy-dialog.js";
import { Choice } from "../parts/fields.js";
import { Empty, Failed, Loading } from "../parts/notices.js";
import { Plot } from "../parts/plot.js";
import { call } from "../state/bridge.js";
import { common, endpoint } from "../state/connection.js";
import { useLoaded } from "../state/loaded.js";
import { hrefOf, route, setQuery } from "../state/route.js";

const HOUR = 3600_000;
const RANGES = [
  ["1h", "1 hour", HOUR],
  ["6h", "6 hours", 6 * HOUR],
  ["1d", "1 day", 24 * HOUR],
  ["7d", "7 days", 7 * 24 * HOUR],
  ["30d", "30 days", 30 * 24 * HOUR],
] as const;

type Level = "account" | "basin" | "stream";

/** What each level has, with the finest interval. Storage has one interval only. */
const SETS: Readonly<
  Record<Level, readonly (readonly [set: string, title: string, isGauge: boolean])[]>
> = {
  account: [["account-ops", "Operations on the account", false]],
  basin: [
    ["storage", "Stored", true],
    ["append-throughput", "Appended", false],
    ["read-throughput", "Read", false],
    ["append-ops", "Appends", false],
    ["read-ops", "Reads", false],
    ["basin-ops", "Operations on the basin", false],
  ],
  stream: [["storage", "Stored", true]],
};

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

function Series({
  basin,
  stream,
  set,
  title,
  isGauge,
  spanMs,
  turn,
}: {
  readonly basin: string | undefined;
  readonly stream: string | undefined;
  readonly set: string;
  readonly title: string;
  readonly isGauge: boolean;
  readonly spanMs: number;
  readonly turn: number;
}) {
  const interval = spanMs <= 6 * HOUR ? "minute" : spanMs <= 7 * 24 * HOUR ? "hour" : "day";
  const loaded = useLoaded(async () => {
    const end = now();
    const { values } = await call("metrics", {
      ...(basin === undefined ? {} : { basin }),
      ...(stream === undefined ? {} : { stream }),
      set,
      start: end - spanMs,
      end,
      ...(isGauge ? {} : { interval }),
    });
    return { values, start: end - spanMs, end };
  }, [basin, stream, set, spanMs, turn]);
  if (loaded.failure !== undefined)
    return (
      <figure class="plot">
        <figcaption>
          <strong>{title}</strong>
        </figcaption>
        <Failed failure={loaded.failure} retry={loaded.reload} />
      </figure>
    );
  if (loaded.value === undefined)
    return (
      <figure class="plot">
        <figcaption>
          <strong>{title}</strong>
        </figcaption>
        <Loading what={title.toLowerCase()} />
      </figure>
    );
  const drawn = drawnOf(loaded.value.values, loaded.value, isGauge ? undefined : interval);
  if (drawn.series.length === 0)
    return (
      <figure class="plot">
        <figcaption>
          <strong>{title}</strong>
        </figcaption>
        <p class="muted">Nothing in this time.</p>
      </figure>
    );
  const per = isGauge ? "" : ` per ${interval}`;
  return (
    <Plot
      title={`${title}${per}`}
      seconds={drawn.seconds}
      series={drawn.series}
      format={drawn.unit === "bytes" ? bytes : short}
      isBars={!isGauge}
      range={[loaded.value.start / 1000, loaded.value.end / 1000]}
      isBinary={drawn.unit === "bytes"}
    />
  );
}

type Values = Awaited<ReturnType<typeof call<"metrics">>>["values"];

/**
 * Buckets without a count are left out by the API: they are zeros here, so that a plot tells the
 * truth.
 */
function drawnOf(
  values: Values,
  range: { start: number; end: number },
  interval: "day" | "hour" | "minute" | undefined,
) {
  const timed = values.filter((value) => value.kind === "accumulation" || value.kind === "gauge");
  const byTime = timed.map(
    ({ values: samples }) => new Map(samples.map(([at, value]) => [at.getTime() / 1000, value])),
  );
  const step = interval === undefined ? 0 : { minute: 60, hour: 3600, day: 86_400 }[interval];
  const seconds: number[] = [];
  if (step > 0)
    for (let at = Math.floor(range.start / 1000 / step) * step; at <= range.end / 1000; at += step)
      seconds.push(at);
  else
    seconds.push(...[...new Set(byTime.flatMap((map) => [...map.keys()]))].sort((a, b) => a - b));
  const series = timed
    .map(({ name }, at) => ({
      name: printable(name),
      colour: `series-${(at % 6) + 1}`,
      values: seconds.map((second) => byTime[at]?.get(second) ?? (step > 0 ? 0 : null)),
    }))
    .filter(({ values: all }) => all.some((value) => value !== null && value !== 0));
  return { seconds, series, unit: timed[0]?.unit };
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
            streams
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

function metricsAs(basin: string | undefined, stream: string | undefined, last: string) {
  const end = Math.floor(now() / 1000);
  const spanSecs = (RANGES.find(([key]) => key === last)?.[2] ?? HOUR) / 1000;
  const set =
    stream !== undefined ? "storage" : basin !== undefined ? "append-throughput" : "account-ops";
  const rest = [basin, stream]
    .filter((name) => name !== undefined)
    .map((name) => `/${encodeURIComponent(name)}`);
  const command =
    stream !== undefined
      ? `get-stream-metrics ${uri(basin ?? "", stream)}`
      : basin !== undefined
        ? `get-basin-metrics ${shellWord(basin)}`
        : "get-account-metrics";
  const kind = stream !== undefined ? "stream" : basin !== undefined ? "basin" : "account";
  const names = [
    basin === undefined ? "" : `basin: ${text(basin)}, `,
    stream === undefined ? "" : `stream: ${text(stream)}, `,
  ];
  return {
    title: "these metrics",
    cli: `s2kit ${command} ${set} --last ${last}`,
    curl: curl({
      ...common(),
      path: `/metrics${rest.join("")}`,
      query: { set, start: end - spanSecs, end },
    }),
    ts: program(
      endpoint(),
      common().hasToken,
      `const end = new Date();
const start = new Date(end.getTime() - ${count(spanSecs).replaceAll(",", "_")} * 1000);
const { values } = await s2.metrics.${kind}({ ${names.join("")}set: ${text(set)}, start, end });
console.log(values);`,
    ),
  };
}
