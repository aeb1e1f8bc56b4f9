// A time and a size as they are listed: short, and exact on hover.
// Every list and pane shows times and sizes through these.

import { bytes, count } from "../format/numbers.js";
import { ago, clockTime, exactTime, isoLike } from "../format/times.js";
import { isUtc } from "../state/preferences.js";

export function When({ ms, isLong = false }: { readonly ms: number; readonly isLong?: boolean }) {
  const text = isLong ? isoLike(ms, isUtc.value) : clockTime(ms, isUtc.value);
  return (
    <time class="num" title={exactTime(ms)}>
      {text}
    </time>
  );
}

export function Ago({ ms }: { readonly ms: number }) {
  return (
    <time class="num" title={exactTime(ms)}>
      {ago(ms)}
    </time>
  );
}

export function Size({ value }: { readonly value: number }) {
  return (
    <span class="num" title={`${count(value)} bytes`}>
      {bytes(value)}
    </span>
  );
}
