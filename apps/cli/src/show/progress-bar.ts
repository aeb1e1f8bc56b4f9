// How far a long command is, as text for a line that updates itself. Pure.
// Spec: cli#terminals.

import type { Glyphs } from "../frame/style.js";

const BAR_CELLS = 24;

/** `█████▁▁▁ 12 of 40`; the unit of both numbers is the caller's. */
export function progressBar(
  done: number,
  total: number,
  { bars }: Glyphs,
  shown = `${done} of ${total}`,
): string {
  const part = total > 0 ? Math.min(Math.max(done / total, 0), 1) : 1;
  const full = Math.floor(part * BAR_CELLS);
  return `${(bars.at(-1) ?? "#").repeat(full)}${(bars[0] ?? "_").repeat(BAR_CELLS - full)} ${shown}`;
}
