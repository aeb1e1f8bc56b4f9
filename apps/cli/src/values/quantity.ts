// Numbers for people: bytes and rates.
// Pure.

const UNITS: readonly string[] = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `812 B`, `1.50 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(2)} ${UNITS[unit]}`;
}

export function mibPerSec(bytes: number, secs: number): number {
  return secs > 0 ? bytes / 1024 ** 2 / secs : 0;
}

/** `1 record`, `3 records`. */
export function count(n: number, one: string, many: string = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
