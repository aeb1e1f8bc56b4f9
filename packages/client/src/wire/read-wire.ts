// What a read session needs of a connection: batches in order, then its end. A wire decides
// nothing: no resume, no budget, no throw. The session pauses it when its buffer is full.
// Spec: data-plane#read-session, sdk#read-sessions.

import type { ReadBatch, Result } from "@s2kit/core";

/**
 * How a read ended without a failure: the server said that it was done, or its answer just stopped
 * where one may stop, as any proxy in between can make it.
 */
export type CleanEnd = "said" | "unsaid";

export interface ReadWireHandlers {
  /** The response began well. */
  onOpen(): void;
  /** A batch with its size on the wire; without records it is a sign of life with the tail. */
  onBatch(batch: ReadBatch, wireBytes: number): void;
  /** The server asks to go on elsewhere; after the batch that said so. */
  onAdvice(): void;
  /** Exactly once, last; not after `abort`. */
  onEnd(result: Result<CleanEnd>): void;
}

export interface ReadWire {
  /** False when the carrier cannot be held up. */
  pause(): boolean;
  resume(): void;
  /** Drops the connection; nothing is reported any more. */
  abort(): void;
  /** Keeps new sessions off this connection. */
  retire(): void;
}
