// Durations as people write them in spec files and on the command line: integers with units, run
// together or with spaces (`1h 30m`, `5ms`, `7days`), and two ways to print whole seconds that read
// back as the same. Counted in whole nanoseconds, so that nothing is lost to fractions. Pure.
// Spec: cli#shape.

const SEC_NANOS = 1_000_000_000n;

const UNIT_NANOS: ReadonlyMap<string, bigint> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ (
    [
      ["ns nsec nanos", 1n],
      ["us usec micros", 1000n],
      ["ms msec millis", 1_000_000n],
      ["s sec secs second seconds", SEC_NANOS],
      ["m min mins minute minutes", 60n * SEC_NANOS],
      ["h hr hrs hour hours", 3600n * SEC_NANOS],
      ["d day days", 86_400n * SEC_NANOS],
      ["w wk wks week weeks", 604_800n * SEC_NANOS],
      ["M month months", 2_630_016n * SEC_NANOS],
      ["y yr yrs year years", 31_557_600n * SEC_NANOS],
    ] as const
  ).flatMap(([names, nanos]) => names.split(" ").map((name) => [name, nanos] as const)),
);

const PRINTED_UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];

/**
 * Milliseconds, with a fraction for what is finer.
 *
 * @returns undefined when the text is no duration, or one above 2^53 - 1 ms
 */
export function parseDurationMs(text: string): number | undefined {
  const nanos = parseNanos(text);
  if (nanos === undefined || nanos > BigInt(Number.MAX_SAFE_INTEGER) * 1_000_000n) return undefined;
  return Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6;
}

/**
 * Whole seconds, the rest is cut off: for what the API counts in seconds.
 *
 * @returns undefined when the text is no duration, or one above 2^53 - 1 s
 */
export function parseDurationSecs(text: string): number | undefined {
  const nanos = parseNanos(text);
  if (nanos === undefined) return undefined;
  const secs = nanos / SEC_NANOS;
  return secs > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(secs);
}

/** Exact and short: `7d`, `1h 30m`, `0s`. */
export function compactDuration(secs: number): string {
  return inUnits(secs) || "0s";
}

/** Exact, with days written out: `7days`, `1day 1h`, `1h 30m`, `0s`. */
export function longDuration(secs: number): string {
  const days = Math.floor(secs / 86_400);
  const head = days === 0 ? "" : `${days}${days === 1 ? "day" : "days"}`;
  const tail = inUnits(secs % 86_400);
  return [head, tail].filter((part) => part !== "").join(" ") || "0s";
}

/** Each number has at most 20 digits, as many as a uint64 can have. Zero needs no unit. */
function parseNanos(text: string): bigint | undefined {
  let rest = text.trim();
  if (/^0+$/.test(rest)) return 0n;
  let nanos: bigint | undefined;
  while (rest !== "") {
    const [part, count, unit] = /^([0-9]{1,20})\s*([A-Za-z]+)\s*/.exec(rest) ?? [];
    const unitNanos = unit === undefined ? undefined : UNIT_NANOS.get(unit);
    if (part === undefined || count === undefined || unitNanos === undefined) return undefined;
    nanos = (nanos ?? 0n) + BigInt(count) * unitNanos;
    rest = rest.slice(part.length);
  }
  return nanos;
}

function inUnits(secs: number): string {
  let rest = secs;
  const parts: string[] = [];
  for (const [unit, size] of PRINTED_UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.join(" ");
}
