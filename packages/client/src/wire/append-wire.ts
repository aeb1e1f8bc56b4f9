// What an append session needs of a connection. A wire sends encoded batches in order, reports each
// acknowledgement and its own end, and decides nothing: no retry, no invariants, no throw. What to
// do next is the session's business. Spec: data-plane#append-session, sdk#append-sessions.

import type { AppendAck, FrameCompression, Result } from "@s2kit/core";

/** A batch ready to be sent, as often as needed: resends are byte-identical. */
export interface EncodedBatch {
  /** S2S frame: head, then the protobuf message, compressed if the head says so. */
  readonly frame: Uint8Array;
  readonly compression: FrameCompression;
}

export interface AppendWireHandlers {
  /** The wire can take a batch (again). */
  onRoom(): void;
  /** The response began well. */
  onOpen(): void;
  onAck(ack: AppendAck): void;
  /** The server asks to go on elsewhere. */
  onAdvice(): void;
  /** Exactly once, last; not after `abort`. Ok: the server ended the session cleanly. */
  onEnd(result: Result<undefined>): void;
}

export interface AppendWire {
  /** True when `send` may be called now. */
  readonly canSend: boolean;
  send(batch: EncodedBatch): void;
  /** No more batches: the server acknowledges what it has, then ends. */
  finish(): void;
  /** Drops the connection without waiting for anything. */
  abort(): void;
  /** Keeps new sessions off this connection. */
  retire(): void;
}
