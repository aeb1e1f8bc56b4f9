// A plot over time: lines or bars, round ticks, and the values under the pointer in the legend,
// where nothing moves for them. Drawn as a few paths however many points there are.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { timeTicks, valueTicks } from "../format/scale.js";
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

export function Plot({
  title,
  seconds,
  series,
  format,
  isBars = false,
  isBinary = false,
  range,
}: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(400);
  const at = useSignal<number | undefined>(undefined);
  useEffect(() => {
    const { current } = box;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => {
      width.value = current.clientWidth;
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);

  const utc = isUtc.value;
  const from = range?.[0] ?? seconds[0] ?? 0;
  const to = Math.max(range?.[1] ?? seconds.at(-1) ?? 1, from + 1);
  const step = isBars ? (seconds[1] ?? from + 60) - (seconds[0] ?? from) : 0;
  // Bars stand on each other: together they are the whole.
  const heights = seconds.map((_, i) =>
    series.reduce(
      (sum, { values }) => (isBars ? sum + (values[i] ?? 0) : Math.max(sum, values[i] ?? 0)),
      0,
    ),
  );
  const max = Math.max(0, ...heights);
  const rows = valueTicks(max, 4, isBinary);
  const top = rows.at(-1) ?? 1;
  const x = (second: number): number =>
    LEFT + ((second - from) / (to + step - from)) * (width.value - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const columns = timeTicks(from, to, Math.max(Math.floor(width.value / 90), 2), offset(from, utc));
  const index = at.value === undefined ? undefined : nearest(seconds, at.value);
  const hovered = index === undefined ? undefined : seconds[index];

  const onMove = ({ offsetX }: { readonly offsetX: number }): void => {
    at.value =
      from + ((offsetX - LEFT) / (width.value - LEFT - RIGHT)) * (to + step - from) - step / 2;
  };
  return (
    <figure class="plot">
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
          <span class="num">{hovered === undefined ? "" : label(hovered, utc, 1)}</span>
        </span>
      </figcaption>
      <div class="canvas" ref={box}>
        <svg
          width={width.value}
          height={HEIGHT}
          role="img"
          aria-label={`${title}: ${describe(series, format)}`}
          onPointerMove={onMove}
          onPointerLeave={() => (at.value = undefined)}
        >
          {rows.map((value) => (
            <g key={value}>
              <line class="rule" x1={LEFT} x2={width.value - RIGHT} y1={y(value)} y2={y(value)} />
              <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
                {format(value)}
              </text>
            </g>
          ))}
          {columns.map((second) => (
            <text
              key={second}
              x={x(second)}
              y={HEIGHT - 5}
              text-anchor={x(second) > width.value - 50 ? "end" : "middle"}
            >
              {label(second, utc, to - from)}
            </text>
          ))}
          {series.map(({ name, colour, values }, order) =>
            isBars ? (
              <path
                key={name}
                class={`bars ${colour}`}
                d={bars(seconds, values, series.slice(0, order), x, y, step)}
              />
            ) : (
              <path key={name} class={`line ${colour}`} d={line(seconds, values, x, y)} />
            ),
          )}
          {hovered !== undefined && (
            <line
              class="cursor"
              x1={x(hovered + step / 2)}
              x2={x(hovered + step / 2)}
              y1={TOP}
              y2={HEIGHT - BOTTOM}
            />
          )}
        </svg>
      </div>
    </figure>
  );
}

type Place = (value: number) => number;

/** What a point by itself is drawn as. */
const RING = "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0";

/** A gap where nothing is known. */
function line(
  seconds: readonly number[],
  values: readonly (number | null)[],
  x: Place,
  y: Place,
): string {
  let path = "";
  let isDown = false;
  values.forEach((value, i) => {
    const isAlone = !isDown && (values[i + 1] ?? null) === null;
    const to = `${x(seconds[i] ?? 0).toFixed(1)} ${y(value ?? 0).toFixed(1)}`;
    if (value !== null) path += isDown ? `L${to}` : `M${to}${isAlone ? RING : ""}`;
    isDown = value !== null;
  });
  return path;
}

function bars(
  seconds: readonly number[],
  values: readonly (number | null)[],
  below: readonly PlotSeries[],
  x: Place,
  y: Place,
  step: number,
): string {
  const room = x(step) - x(0);
  const size = Math.max(Math.min(room * 0.8, 22), 1);
  return values
    .map((value, i) => {
      if (value === null || value === 0) return "";
      const ground = below.reduce((sum, other) => sum + (other.values[i] ?? 0), 0);
      const left = x(seconds[i] ?? 0) + (room - size) / 2;
      const foot = y(ground).toFixed(1);
      return `M${left.toFixed(1)} ${foot}V${y(ground + value).toFixed(1)}h${size.toFixed(1)}V${foot}z`;
    })
    .join("");
}

function nearest(seconds: readonly number[], at: number): number | undefined {
  if (seconds.length === 0) return undefined;
  const found = seconds.findIndex((second) => second >= at);
  if (found <= 0) return found === 0 ? 0 : seconds.length - 1;
  return at - (seconds[found - 1] ?? 0) < (seconds[found] ?? 0) - at ? found - 1 : found;
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
