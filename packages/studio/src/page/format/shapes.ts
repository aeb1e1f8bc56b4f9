// What a plot draws, as paths of SVG: a line with gaps, bars that stand on each other. Pure.
// However many points there are, each series is one path.

/** From a value to its place on the page. */
export type Scale = (value: number) => number;

export interface Shape {
  readonly seconds: readonly number[];
  readonly values: readonly (number | null)[];
  readonly x: Scale;
  readonly y: Scale;
}

/** What a point by itself is drawn as. */
const RING = "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0";
const MAX_BAR = 22;

/** A gap where nothing is known. */
export function linePath({ seconds, values, x, y }: Shape): string {
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

/** @param below - what stands under each bar already */
export function barsPath(
  { seconds, values, x, y }: Shape,
  below: readonly number[],
  stepSecs: number,
): string {
  const room = x(stepSecs) - x(0);
  const size = Math.max(Math.min(room * 0.8, MAX_BAR), 1);
  return values
    .map((value, i) => {
      if (value === null || value === 0) return "";
      const ground = below[i] ?? 0;
      const left = x(seconds[i] ?? 0) + (room - size) / 2;
      const foot = y(ground).toFixed(1);
      return `M${left.toFixed(1)} ${foot}V${y(ground + value).toFixed(1)}h${size.toFixed(1)}V${foot}z`;
    })
    .join("");
}

/** Each second's sum over all series; the most of them when they do not stand on each other. */
export function heightsOf(
  all: readonly (readonly (number | null)[])[],
  length: number,
  isStacked: boolean,
): readonly number[] {
  return Array.from({ length }, (_, i) => {
    const values = all.map((each) => each[i] ?? 0);
    return isStacked ? values.reduce((sum, value) => sum + value, 0) : Math.max(0, ...values);
  });
}

/** Index of the point that a place between points belongs to. */
export function nearest(seconds: readonly number[], at: number): number | undefined {
  if (seconds.length === 0) return undefined;
  const found = seconds.findIndex((second) => second >= at);
  if (found <= 0) return found === 0 ? 0 : seconds.length - 1;
  return at - (seconds[found - 1] ?? 0) < (seconds[found] ?? 0) - at ? found - 1 : found;
}
