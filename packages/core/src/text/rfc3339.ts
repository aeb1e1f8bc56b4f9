// RFC 3339 times as text. They are kept as they came, since a Date would lose nanoseconds; for
// comparing, each becomes nanoseconds since the epoch. Spec: control-plane#json.

const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/;

/** True for a time that exists; any offset, any number of digits. */
export function isRfc3339(text: string): boolean {
  return rfc3339Nanos(text) !== undefined;
}

/** Nanoseconds since the epoch; undefined when the text is not an RFC 3339 time. */
export function rfc3339Nanos(text: string): bigint | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = ""] = match;
  const [, , , , , , , fraction = "", offset = ""] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const offsetMs = offsetMsOf(offset);
  // A leap second counts as the first moment of the next minute, as in POSIX time.
  const dayMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isRealDay = new Date(dayMs).toISOString().startsWith(`${year}-${month}-${day}`);
  if (!isRealDay || offsetMs === undefined) return undefined;
  const clockMs = (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000;
  return BigInt(dayMs + clockMs - offsetMs) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** The text of a whole number of ms since the epoch, in UTC with a `Z`. */
export function formatRfc3339(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function offsetMsOf(offset: string): number | undefined {
  if (offset === "Z" || offset === "z") return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
