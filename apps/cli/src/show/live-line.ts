// A few lines on stderr that replace themselves, at most 20 times a second; nothing at all, and no
// library loaded, when stderr is no terminal. Spec: cli#terminals.

import type { Output } from "../frame/output.js";

const FRAME_MS = 50;

export interface LiveLine {
  /** Draws now or at the next frame; the text is built only when it is drawn. */
  show(text: () => string): void;
  /** Writes other lines above what is drawn. */
  above(say: () => void): void;
  /** Clears what was drawn. */
  close(): void;
  /** Leaves what was drawn last where it is. */
  keep(): void;
}

export async function openLiveLine(out: Output): Promise<LiveLine> {
  if (out.stderr.isTTY !== true || out.isQuiet || out.isJson)
    return { show: () => {}, above: (say) => say(), close: () => {}, keep: () => {} };
  const { createLogUpdate } = await import("log-update");
  const draw = createLogUpdate(out.stderr, { showCursor: true });
  let drawnAt = 0;
  let shown: string | undefined;
  return {
    show(text) {
      const now = performance.now();
      if (now - drawnAt < FRAME_MS) return;
      drawnAt = now;
      shown = text();
      draw(shown);
    },
    above(say) {
      draw.clear();
      say();
      if (shown !== undefined) draw(shown);
    },
    close: () => draw.clear(),
    keep: () => draw.done(),
  };
}
