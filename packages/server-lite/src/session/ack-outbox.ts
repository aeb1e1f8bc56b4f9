// Acks of an append session on their way to the client: all that become due in one turn leave in
// one write. Knows the frames, not the connection. Spec: data-plane#append-session.

import {
  type AppendAck,
  appendAckSize,
  FRAME_HEAD_BYTES,
  messageFlag,
  writeAppendAck,
  writeFrameHead,
} from "@s2kit/core";

export class AckOutbox {
  /** Each message advises the client to reconnect elsewhere. */
  isAdvising: boolean;
  /** While there are some, a flush is on its way. */
  private readonly acks: AppendAck[] = [];
  private readonly onFlush: () => void;

  /** @param onFlush - called once for all that is put in until then; takes it */
  constructor(isAdvising: boolean, onFlush: () => void) {
    this.isAdvising = isAdvising;
    this.onFlush = onFlush;
  }

  get isEmpty(): boolean {
    return this.acks.length === 0;
  }

  push(ack: AppendAck): void {
    if (this.acks.push(ack) === 1) queueMicrotask(this.onFlush);
  }

  /** Empties it. */
  take(): Uint8Array {
    const bytes = encodeAcks(this.acks, this.isAdvising);
    this.acks.length = 0;
    return bytes;
  }
}

function encodeAcks(acks: readonly AppendAck[], reconnectAdvised: boolean): Uint8Array {
  let size = 0;
  for (const ack of acks) size += FRAME_HEAD_BYTES + appendAckSize(ack);
  const out = Buffer.allocUnsafe(size);
  const flag = messageFlag({ reconnectAdvised });
  let at = 0;
  for (const ack of acks)
    at = writeAppendAck(out, writeFrameHead(out, at, flag, appendAckSize(ack)), ack);
  return out;
}
