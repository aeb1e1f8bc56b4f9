// Numbers for people: grouped digits, binary sizes, rates. One form everywhere, so that columns
// align. Pure; used by every screen.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `12,345`. */
export function count(value: number): string {
  return whole.format(value);
}

/** `1 record`, `2 records`. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** `1.0 MiB`. */
export function bytes(value: number): string {
  let unit = 0;
  let left = value;
  for (; left >= 1023.95 && unit < UNITS.length - 1; unit++) left /= 1024;
  return `${unit === 0 ? whole.format(left) : one.format(left)} ${UNITS[unit] ?? ""}`;
}

/** `12.3k`, for axes and small places. */
export function short(value: number): string {
  if (value < 1000) return value < 10 && value % 1 !== 0 ? one.format(value) : whole.format(value);
  if (value < 1e6) return `${one.format(value / 1e3)}k`;
  return value < 1e9 ? `${one.format(value / 1e6)}M` : `${one.format(value / 1e9)}G`;
}
