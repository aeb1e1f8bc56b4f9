// One set of the usage API as a plot: asked for, and drawn as bars, or as a line for what is a
// level. Drawn by the screen of metrics, one for each set.

import type { ComponentChildren } from "preact";
import { bytes, short } from "../../format/numbers.js";
import { printable } from "../../format/text.js";
import { now } from "../../format/times.js";
import { Failed, Loading } from "../../parts/notices.js";
import { Plot } from "../../parts/plot.js";
import { call } from "../../state/bridge.js";
import { type Loaded, useLoaded } from "../../state/loaded.js";
import { HOUR } from "./ranges.js";

interface SeriesProps {
  readonly basin: string | undefined;
  readonly stream: string | undefined;
  readonly set: string;
  readonly title: string;
  readonly isGauge: boolean;
  readonly spanMs: number;
  /** Asks again when it changes. */
  readonly turn: number;
}

type Interval = "day" | "hour" | "minute";

interface Asked {
  readonly values: Values;
  readonly start: number;
  readonly end: number;
}

export function Series(props: SeriesProps) {
  const { title, isGauge, spanMs } = props;
  const interval = isGauge ? undefined : intervalOf(spanMs);
  const loaded = useSet(props, interval);
  const { value } = loaded;
  if (loaded.failure !== undefined)
    return (
      <Unplotted title={title}>
        <Failed failure={loaded.failure} retry={loaded.reload} />
      </Unplotted>
    );
  if (value === undefined)
    return (
      <Unplotted title={title}>
        <Loading what={title.toLowerCase()} />
      </Unplotted>
    );
  const drawn = drawnOf(value.values, value, interval);
  if (drawn.series.length === 0)
    return (
      <Unplotted title={title}>
        <p class="muted">Nothing in this time.</p>
      </Unplotted>
    );
  return (
    <Plot
      title={interval === undefined ? title : `${title} per ${interval}`}
      seconds={drawn.seconds}
      series={drawn.series}
      format={drawn.unit === "bytes" ? bytes : short}
      isBars={!isGauge}
      range={[value.start / 1000, value.end / 1000]}
      isBinary={drawn.unit === "bytes"}
    />
  );
}

/** What stands where a plot would. */
function Unplotted({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <figure class="plot">
      <figcaption>
        <strong>{title}</strong>
      </figcaption>
      {children}
    </figure>
  );
}

function useSet(
  { basin, stream, set, spanMs, turn }: SeriesProps,
  interval: Interval | undefined,
): Loaded<Asked> {
  return useLoaded(async () => {
    const end = now();
    const start = end - spanMs;
    const { values } = await call("metrics", {
      ...(basin === undefined ? {} : { basin }),
      ...(stream === undefined ? {} : { stream }),
      set,
      start,
      end,
      ...(interval === undefined ? {} : { interval }),
    });
    return { values, start, end };
  }, [basin, stream, set, spanMs, turn]);
}

function intervalOf(spanMs: number): Interval {
  if (spanMs <= 6 * HOUR) return "minute";
  return spanMs <= 7 * 24 * HOUR ? "hour" : "day";
}

type Values = Awaited<ReturnType<typeof call<"metrics">>>["values"];

/**
 * Buckets without a count are left out by the API: they are zeros here, so that a plot tells the
 * truth.
 */
function drawnOf(
  values: Values,
  range: { start: number; end: number },
  interval: Interval | undefined,
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
