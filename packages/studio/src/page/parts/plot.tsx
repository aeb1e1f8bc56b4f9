// A plot over time: lines or bars, round ticks, and the values under the pointer in the legend,
// where nothing moves for them. What is drawn is made in `format/shapes`.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { timeTicks, valueTicks } from "../format/scale.js";
import { barsPath, heightsOf, linePath, nearest, type Scale } from "../format/shapes.js";
import { isoLike } from "../format/times.js";
import { isUtc } from "../state/preferences.js";

export interface PlotSeries {
  readonly name: string;
  /** Class of its colour. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

interface PlotProps {
  readonly title: string;
  /** Unix seconds, ascending. */
  readonly seconds: readonly number[];
  readonly series: readonly PlotSeries[];
  readonly format: (value: number) => string;
  readonly isBars?: boolean;
  readonly isBinary?: boolean;
  /** What the plot spans, when that is more than its points. */
  readonly range?: readonly [fromSecs: number, toSecs: number];
}

const HEIGHT = 150;
const LEFT = 64;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 22;
/** Room for one time below, and for half of its digits. */
const COLUMN = 90;
const HALF_TIME = 26;

export function Plot(props: PlotProps) {
  const { title, seconds, series, format, isBars = false, isBinary = false } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const at = useSignal<number | undefined>(undefined);
  const from = props.range?.[0] ?? seconds[0] ?? 0;
  const to = Math.max(props.range?.[1] ?? seconds.at(-1) ?? 1, from + 1);
  const step = isBars ? (seconds[1] ?? from + 60) - (seconds[0] ?? from) : 0;
  // Bars stand on each other: together they are the whole.
  const all = series.map(({ values }) => values);
  const rows = valueTicks(Math.max(0, ...heightsOf(all, seconds.length, isBars)), 4, isBinary);
  const room = width - LEFT - RIGHT;
  const x = (second: number): number => LEFT + ((second - from) / (to + step - from)) * room;
  const y = (value: number): number =>
    HEIGHT - BOTTOM - (value / (rows.at(-1) ?? 1)) * (HEIGHT - TOP - BOTTOM);
  const index = at.value === undefined ? undefined : nearest(seconds, at.value);
  const hovered = index === undefined ? undefined : seconds[index];
  return (
    <figure class="plot">
      <Legend title={title} series={series} format={format} index={index} second={hovered} />
      <div class="canvas" ref={box}>
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`${title}: ${describe(series, format)}`}
          onPointerMove={({ offsetX }) => {
            at.value = from + ((offsetX - LEFT) / room) * (to + step - from) - step / 2;
          }}
          onPointerLeave={() => (at.value = undefined)}
        >
          <Axes {...{ width, rows, from, to, format, x, y }} />
          {series.map(({ name, colour, values }, order) => {
            const shape = { seconds, values, x, y };
            if (!isBars) return <path key={name} class={`line ${colour}`} d={linePath(shape)} />;
            const below = heightsOf(all.slice(0, order), seconds.length, true);
            return <path key={name} class={`bars ${colour}`} d={barsPath(shape, below, step)} />;
          })}
          {hovered !== undefined && (
            <path class="cursor" d={`M${x(hovered + step / 2)} ${TOP}V${HEIGHT - BOTTOM}`} />
          )}
        </svg>
      </div>
    </figure>
  );
}

function useWidth(box: { readonly current: HTMLDivElement | null }): number {
  const width = useSignal(400);
  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => {
      width.value = current.clientWidth;
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return width.value;
}

/** The values under the pointer, else the newest that are known. */
function Legend({
  title,
  series,
  format,
  index,
  second,
}: Pick<PlotProps, "format" | "series" | "title"> & {
  readonly index: number | undefined;
  readonly second: number | undefined;
}) {
  return (
    <figcaption>
      <strong>{title}</strong>
      <span class="legend">
        {series.map(({ name, colour, values }) => (
          <span key={name}>
            <i class={`swatch ${colour}`} />
            {name}{" "}
            <b class="num">
              {shown(
                index === undefined ? values.findLast((value) => value !== null) : values[index],
                format,
              )}
            </b>
          </span>
        ))}
        <span class="num">{second === undefined ? "" : label(second, isUtc.value, 1)}</span>
      </span>
    </figcaption>
  );
}

function Axes({
  width,
  rows,
  from,
  to,
  format,
  x,
  y,
}: Pick<PlotProps, "format"> & {
  readonly width: number;
  readonly rows: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly x: Scale;
  readonly y: Scale;
}) {
  const utc = isUtc.value;
  const most = Math.max(Math.floor(width / COLUMN), 2);
  return (
    <>
      {rows.map((value) => (
        <g key={value}>
          <line class="rule" x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
            {format(value)}
          </text>
        </g>
      ))}
      {timeTicks(from, to, most, offset(from, utc)).map((second) => (
        <text
          key={second}
          x={Math.min(x(second), width - HALF_TIME)}
          y={HEIGHT - 5}
          text-anchor="middle"
        >
          {label(second, utc, to - from)}
        </text>
      ))}
    </>
  );
}

function offset(second: number, utc: boolean): number {
  return utc ? 0 : -new Date(second * 1000).getTimezoneOffset() * 60;
}

/** As exact as the span of the plot asks for. */
function label(second: number, utc: boolean, spanSecs: number): string {
  const text = isoLike(second * 1000, utc);
  if (spanSecs > 3 * 86_400) return text.slice(5, 10);
  return spanSecs < 600 ? text.slice(11, 19) : text.slice(11, 16);
}

function shown(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}

function describe(series: readonly PlotSeries[], format: (value: number) => string): string {
  return series
    .map(({ name, values }) => {
      const there = values.filter((value) => value !== null);
      if (there.length === 0) return `${name}, nothing yet`;
      return `${name}, now ${format(there.at(-1) ?? 0)}, at most ${format(Math.max(...there))}`;
    })
    .join("; ");
}
