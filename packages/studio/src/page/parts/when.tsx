// A time as it is listed: short, and exact on hover.
// Every list and pane shows times through these.

import { ago, clockTime, exactTime, isoLike, until } from "../format/times.js";
import { keepsTime } from "../state/moment.js";
import { isUtc } from "../state/preferences.js";

export function When({ ms, isLong = false }: { readonly ms: number; readonly isLong?: boolean }) {
  const text = isLong ? isoLike(ms, isUtc.value) : clockTime(ms, isUtc.value);
  return (
    <time class="num" title={exactTime(ms)}>
      {text}
    </time>
  );
}

/** How long ago, and kept so while it is shown. */
export function Ago({ ms }: { readonly ms: number }) {
  keepsTime();
  return (
    <time class="num" title={exactTime(ms)}>
      {ago(ms)}
    </time>
  );
}

/** How long until an end, or since when it is over. */
export function Until({ ms }: { readonly ms: number }) {
  keepsTime();
  return (
    <time class="num" title={exactTime(ms)}>
      {until(ms)}
    </time>
  );
}
