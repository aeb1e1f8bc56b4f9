// A reader whose end somebody else must hear of too: who counts it, and gives its place to another.
// Called by the node.

import type { Reader } from "./reader.js";

/** A reader that tells when it is closed. Whoever opens a reader closes it, also at its end. */
export function leaving(reader: Reader, leave: () => void): Reader {
  return {
    poll: () => reader.poll(),
    next: () => reader.next(),
    get onReady() {
      return reader.onReady;
    },
    set onReady(listener) {
      reader.onReady = listener;
    },
    rest: () => reader.rest(),
    nudge: () => reader.nudge(),
    stop() {
      reader.stop();
      leave();
    },
    close() {
      reader.close();
      leave();
    },
  };
}
