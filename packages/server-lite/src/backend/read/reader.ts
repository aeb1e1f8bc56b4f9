// A read under way, as its session sees it. It is asked for items, and tells when to ask again: at
// the tail there is no promise between a durable batch and its client. `stream-reader` is one.
// Spec: data-plane#waiting, data-plane#read-session.

import type { NOT_YET, ReadItem } from "./read-item.js";

export interface Reader {
  /**
   * The next item; NOT_YET while there is none, until `onReady` is called; undefined at the clean
   * end.
   *
   * @throws {S2Error} when the stream is deleted or storage fails
   */
  poll(): ReadItem | typeof NOT_YET | undefined;
  /**
   * Waits for the next item, as {@link Reader.poll} answers it. For one who is the only one to ask.
   */
  next(): Promise<ReadItem | undefined>;
  /**
   * Called when {@link Reader.poll} may have an item. Set by the one who polls; may be called
   * without need.
   */
  onReady: (() => void) | undefined;
  /** The client does not take more for now: what was read ahead may be forgotten. Until `poll`. */
  rest(): void;
  /** Sends the next heartbeat now, if the reader waits at the tail. */
  nudge(): void;
  /**
   * Ends the read, and leaves the followers. At any time, by anybody: an item that was answered
   * with stays as it is until its owner closes.
   */
  stop(): void;
  /** {@link Reader.stop}, by the one who asks for items, and looks at none any more. */
  close(): void;
}
