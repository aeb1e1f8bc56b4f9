// Where log lines go: a stream that may be full, stuck or gone without harm to the server. What it
// does not take is dropped and counted, and the next line that gets through says how many.

import type { Writable } from "node:stream";

/** Takes lines of the log. */
export interface LineSink {
  /** Takes a line with its end, or drops it. Never waits, never throws. */
  write(line: string): void;
  /** Since the start. */
  readonly droppedLines: number;
}

/** What may wait for a reader that does not read, in bytes; a line more is dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * @param stream - standard output, standard error, or another; pipes must not block
 * @param notice - the line that tells how many were dropped
 */
export function createLineSink(
  stream: Writable,
  notice: (droppedLines: number) => string,
): LineSink {
  let dropped = 0;
  let untold = 0;
  /** A line may have been cut in the middle: what follows starts a line of its own. */
  let isCut = false;
  const drop = (lines: number): void => {
    dropped += lines;
    untold += lines;
  };
  const put = (text: string, onFailed: () => void): void => {
    try {
      stream.write(text, (error) => {
        if (error === null || error === undefined) return;
        isCut = true;
        onFailed();
      });
    } catch {
      onFailed();
    }
  };
  // Said by the callback of each write already; without a listener it would end the process.
  stream.on("error", () => undefined);
  return {
    get droppedLines() {
      return dropped;
    },
    write(line) {
      if (stream.destroyed || stream.writableLength > MAX_WAITING_BYTES) return drop(1);
      if (untold > 0) {
        const told = untold;
        untold = 0;
        const start = isCut ? "\n" : "";
        isCut = false;
        put(start + notice(told), () => {
          untold += told;
        });
      }
      put(line, () => drop(1));
    },
  };
}
