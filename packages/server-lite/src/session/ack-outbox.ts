// Acks of an append session on their way to the client: all that become due in one turn leave in
// one write. Knows the frames, not the connection. Spec: data-plane#append-session.

import {
  type AppendAck,
  appendAckSize,
  assert,
  FRAME_HEAD_BYTES,
  messageFlag,
  writeAppendAck,
  writeFrameHead,
} from "@s2kit/core";

export class AckOutbox {
  /** Each message advises the client to reconnect elsewhere. */
  isAdvising: boolean;
  /** While there is one, a flush is on its way. */
  private first: AppendAck | undefined = undefined;
  /** Behind the first, which is the only one of its turn for most sessions. */
  private readonly others: AppendAck[] = [];
  private readonly onFlush: () => void;

  /** @param onFlush - called once for all that is put in until then; takes it */
  constructor(isAdvising: boolean, onFlush: () => void) {
    this.isAdvising = isAdvising;
    this.onFlush = onFlush;
  }

  get isEmpty(): boolean {
    return this.first === undefined;
  }

  push(ack: AppendAck): void {
    if (this.first !== undefined) {
      this.others.push(ack);
      return;
    }
    this.first = ack;
    queueMicrotask(this.onFlush);
  }

  /** Empties it. */
  take(): Uint8Array {
    const { first, others } = this;
    assert(first !== undefined, "a flush comes only for what was put in");
    const bytes = encodeAcks(first, others, this.isAdvising);
    this.first = undefined;
    if (others.length > 0) others.length = 0;
    return bytes;
  }
}

function encodeAcks(
  first: AppendAck,
  others: readonly AppendAck[],
  reconnectAdvised: boolean,
): Uint8Array {
  let size = FRAME_HEAD_BYTES + appendAckSize(first);
  for (const ack of others) size += FRAME_HEAD_BYTES + appendAckSize(ack);
  const out = Buffer.allocUnsafe(size);
  const flag = messageFlag({ reconnectAdvised });
  let at = writeAppendAck(out, writeFrameHead(out, 0, flag, appendAckSize(first)), first);
  for (const ack of others)
    at = writeAppendAck(out, writeFrameHead(out, at, flag, appendAckSize(ack)), ack);
  return out;
}
