// Where the ticks of a plot go: round numbers on the upright axis, round times on the other. Pure.
// Used by the plot alone; knows no pixel.

const STEPS_SECS = [
  1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800,
];

/** About `count` steps from zero that end at or above `max`; bytes go in powers of two. */
export function valueTicks(max: number, count: number, isBinary: boolean): readonly number[] {
  if (!(max > 0)) return [0, 1];
  const base = isBinary ? 2 : 10;
  const rough = max / count;
  const power = base ** Math.floor(Math.log(rough) / Math.log(base));
  const step =
    (isBinary ? [1, 2] : [1, 2, 5, 10])
      .map((factor) => factor * power)
      .find((size) => size >= rough) ?? rough;
  const ticks = [];
  for (let i = 0; i * step < max + step; i++) ticks.push(i * step);
  return ticks;
}

/** Round times between two, at most `count`. */
export function timeTicks(
  from: number,
  to: number,
  count: number,
  offsetSecs: number,
): readonly number[] {
  const step = STEPS_SECS.find((size) => (to - from) / size <= count) ?? (to - from) / count;
  const ticks = [];
  // Round in the zone of the reader: days begin at midnight there.
  for (let at = Math.ceil((from + offsetSecs) / step) * step - offsetSecs; at <= to; at += step)
    ticks.push(at);
  return ticks;
}
