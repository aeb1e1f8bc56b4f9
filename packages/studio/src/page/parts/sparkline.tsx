// A small line of the last minute.
// Drawn beside the rate of a stream that is followed; of axes it has the ground.

const WIDTH = 120;
const HEIGHT = 18;
const POINTS = 60;

export function Sparkline({
  values,
  label,
}: {
  readonly values: readonly number[];
  readonly label: string;
}) {
  const top = Math.max(...values, 1);
  const step = WIDTH / (POINTS - 1);
  const points = values.map((value, at) => {
    const x = WIDTH - (values.length - 1 - at) * step;
    return `${x.toFixed(1)},${(HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1)}`;
  });
  return (
    <svg
      class="spark"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <path class="rule" d={`M0 ${HEIGHT - 1}H${WIDTH}`} />
      <polyline points={points.join(" ")} />
    </svg>
  );
}
