// An S2S append session: frames in, acks out, in order. Reads on without waiting for durability,
// stops reading when too much is in flight, and after the first failure lets nothing more of the
// session take effect. Sequencing is the backend's. Spec: data plane section 5.6.

import {
  type AppendAck,
  appendAckSize,
  assert,
  createFrameDecoder,
  encodeTerminalFrame,
  errorToWire,
  Fifo,
  FRAME_HEAD_BYTES,
  type Frame,
  type FrameCodec,
  MAX_FRAME_BODY_BYTES,
  messageFlag,
  S2Error,
  writeAppendAck,
  writeFrameHead,
} from "@s2kit/core";
import type { AppendReply } from "../backend/append/streamer.js";
import { type BodyGuard, tooFull } from "../exchange/body-guard.js";
import type { BodySink } from "../exchange/exchange.js";
import { FrameRoom } from "./frame-room.js";
import type { Session } from "./sessions.js";

/** Wire bytes of one session between socket and durability; beyond it the session stops reading. */
const MAX_UNACKED_BYTES = 16 * 1024 * 1024;

/** What a session appends to: the backend's intake, bound to a stream. */
export type SubmitAppend = (
  message: Uint8Array,
  reply: AppendReply,
  whenGone: () => AbortSignal,
) => boolean | Promise<boolean>;

/** The side of the connection that the session drives; an exchange or a WebSocket. */
export interface AppendChannel {
  /** False when there is no room to hold the client back. */
  pause(): boolean;
  resume(): void;
  write(parts: readonly Uint8Array[]): boolean;
  whenWritable(): Promise<void>;
  end(): void;
}

export interface AppendSessionContext {
  readonly channel: AppendChannel;
  readonly codec: FrameCodec;
  readonly submit: SubmitAppend;
  readonly isAdvising: boolean;
  /** Bounds what all sessions together wait to decode; absent within this process. */
  readonly guard: BodyGuard | undefined;
  /** The session is over, whichever way. */
  onOver(): void;
  /** A failure that is a bug here. */
  onUnexpected(error: unknown): void;
}

export interface AppendSession extends Session, BodySink {}

export function createAppendSession(context: AppendSessionContext): AppendSession {
  return new Inbound(context);
}

class Inbound implements AppendSession {
  private readonly context: AppendSessionContext;
  private readonly room: FrameRoom;
  private decoder = createFrameDecoder();
  private readonly inbox = new Fifo<Uint8Array>();
  private readonly gone = new AbortController();
  private readonly whenGone = (): AbortSignal => this.gone.signal;
  private readonly acks: AppendAck[] = [];
  private inboxBytes = 0;
  /** Of a message that waits: for its plain form, or for its turn. */
  private waitingBytes = 0;
  private unackedCount = 0;
  private unackedBytes = 0;
  private isInputEnded = false;
  private isWorking = false;
  /** Reasons not to read on; the channel is paused while there is one. */
  private holds = 0;
  private isFull = false;
  /** No more input takes effect: a failure, or the client's half close. */
  private isClosedToInput = false;
  private failure: S2Error | undefined = undefined;
  private isFlushScheduled = false;
  private isAdvising: boolean;
  private isOver = false;

  constructor(context: AppendSessionContext) {
    this.context = context;
    this.isAdvising = context.isAdvising;
    this.room = new FrameRoom(context.guard, () => this.giveWay());
  }

  chunk(bytes: Uint8Array): void {
    if (this.isClosedToInput) return;
    if (!this.room.tryTake(bytes.length, this.inboxBytes + this.decoder.pendingBytes)) {
      this.refuse(tooFull());
      return;
    }
    this.inboxBytes += bytes.length;
    this.inbox.push(bytes);
    this.work();
  }

  end(): void {
    this.isInputEnded = true;
    this.work();
  }

  /** The client is gone: what is sequenced becomes durable, the rest is dropped. */
  fail(error: S2Error): void {
    if (error.code !== "client_hangup") {
      this.refuse(error);
      return;
    }
    this.closeInput();
    this.over();
  }

  advise(): void {
    this.isAdvising = true;
  }

  terminate(error: S2Error): void {
    this.refuse(error);
  }

  /** Takes frames until there is none, or something must be waited for. */
  private work(): void {
    if (this.isWorking) return;
    this.isWorking = true;
    try {
      while (this.holds === 0 && !this.isClosedToInput) {
        const frame = this.decoder.next();
        if (frame !== undefined) {
          this.take(frame);
          continue;
        }
        const chunk = this.inbox.shift();
        if (chunk !== undefined) {
          this.inboxBytes -= chunk.length;
          this.decoder.push(chunk);
        } else {
          if (this.isInputEnded) this.finishInput();
          break;
        }
      }
    } catch (error) {
      this.refuse(inputError(error));
    } finally {
      this.isWorking = false;
      this.settleRoom();
    }
  }

  private settleRoom(): void {
    const { decoder } = this;
    this.room.settle(
      this.isClosedToInput ? 0 : this.inboxBytes + decoder.heldBytes + this.waitingBytes,
    );
  }

  /** Others need the room: an idle session has a buffer to give, one within a frame has to go. */
  private giveWay(): void {
    this.decoder.release();
    if (this.inboxBytes + this.decoder.pendingBytes + this.waitingBytes > 0) this.refuse(tooFull());
    else this.settleRoom();
  }

  private finishInput(): void {
    this.decoder.end();
    this.closeInput();
    this.finish();
  }

  private take(frame: Frame): void {
    if (frame.kind === "terminal")
      throw new S2Error({ code: "bad_frame", message: "a client must not send a terminal frame" });
    this.room.moved();
    if (frame.compression === "none") {
      this.submit(frame.body);
      return;
    }
    const plain = this.context.codec.decompress(
      frame.compression,
      frame.body,
      MAX_FRAME_BODY_BYTES,
    );
    if (plain instanceof Uint8Array) {
      this.submitPlain(plain);
      return;
    }
    this.waitingBytes = frame.body.length;
    this.hold(plain.then((body) => this.submitPlain(body)));
  }

  /** A small frame may have become a large message, which waits like any other. */
  private submitPlain(message: Uint8Array): void {
    if (this.isClosedToInput) return;
    if (!this.room.tryTake(message.length, this.waitingBytes)) throw tooFull();
    this.submit(message);
  }

  private submit(message: Uint8Array): void {
    if (this.isClosedToInput) return;
    const reply = new InputReply(this, message.length);
    this.unackedCount++;
    this.unackedBytes += message.length;
    let outcome: boolean | Promise<boolean>;
    try {
      outcome = this.context.submit(message, reply, this.whenGone);
    } catch (error) {
      this.settleInput(message.length);
      throw error;
    }
    // Refused: the reason comes as the reply, behind the acks of what went before.
    const onOutcome = (isAccepted: boolean): void => {
      if (!isAccepted) this.closeInput();
    };
    if (outcome instanceof Promise) {
      this.waitingBytes = message.length;
      this.hold(
        outcome.then(onOutcome, (error: unknown) => {
          reply.failed(inputError(error));
        }),
      );
    } else onOutcome(outcome);
    if (this.unackedBytes > MAX_UNACKED_BYTES && !this.isFull) {
      this.isFull = true;
      this.addHold();
    }
  }

  /** Called by {@link InputReply}, in order of the inputs. */
  acked(ack: AppendAck, bytes: number): void {
    this.settleInput(bytes);
    if (this.isOver) return;
    this.acks.push(ack);
    if (this.isFlushScheduled) return;
    this.isFlushScheduled = true;
    // All acks that one durability callback releases leave in one write.
    queueMicrotask(() => this.flush());
  }

  /** Called by {@link InputReply}: the first failure ends the session. */
  failed(error: S2Error, bytes: number): void {
    this.settleInput(bytes);
    this.refuse(error);
  }

  private settleInput(bytes: number): void {
    this.unackedCount--;
    this.unackedBytes -= bytes;
    assert(this.unackedCount >= 0 && this.unackedBytes >= 0, "each input is settled once");
    if (!this.isFull || this.unackedBytes > MAX_UNACKED_BYTES / 2) return;
    this.isFull = false;
    this.dropHold();
  }

  private refuse(error: S2Error): void {
    if (error.code === "INTERNAL_ERROR") this.context.onUnexpected(error.cause ?? error);
    this.failure ??= error;
    this.closeInput();
    this.finish();
  }

  private closeInput(): void {
    if (this.isClosedToInput) return;
    this.isClosedToInput = true;
    this.inbox.clear();
    this.inboxBytes = 0;
    this.decoder = createFrameDecoder();
    this.settleRoom();
    this.gone.abort("closed");
    // What the client still sends is read and dropped, or it could not read our answer.
    if (this.holds > 0) this.context.channel.resume();
  }

  private flush(): void {
    this.isFlushScheduled = false;
    if (this.isOver) return;
    if (this.acks.length > 0) {
      const hasRoom = this.context.channel.write([encodeAcks(this.acks, this.isAdvising)]);
      this.acks.length = 0;
      // A client that does not read its acks gets to send no more.
      if (!hasRoom) this.hold(this.context.channel.whenWritable());
    }
    this.finish();
  }

  /** Ends the response once the input is closed and everything accepted is acknowledged. */
  private finish(): void {
    if (this.isOver || !this.isClosedToInput || this.unackedCount > 0) return;
    if (this.isFlushScheduled) return;
    if (this.failure !== undefined) {
      const { status, body } = errorToWire(this.failure);
      this.context.channel.write([encodeTerminalFrame(status, JSON.stringify(body))]);
    }
    this.context.channel.end();
    this.over();
  }

  private over(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.context.onOver();
  }

  private hold(until: Promise<unknown>): void {
    this.addHold();
    until.then(
      () => this.dropHold(),
      (error: unknown) => {
        this.refuse(inputError(error));
        this.dropHold();
      },
    );
  }

  private addHold(): void {
    this.holds++;
    if (this.holds > 1 || this.isClosedToInput) return;
    if (this.context.channel.pause() === false) this.refuse(tooFull());
  }

  private dropHold(): void {
    this.holds--;
    if (this.holds > 0) return;
    this.waitingBytes = 0;
    if (!this.isClosedToInput) this.context.channel.resume();
    this.work();
  }
}

/** Where the outcome of one input goes: once. */
class InputReply implements AppendReply {
  private readonly session: Inbound;
  private readonly bytes: number;

  constructor(session: Inbound, bytes: number) {
    this.session = session;
    this.bytes = bytes;
  }

  acked(ack: AppendAck): void {
    this.session.acked(ack, this.bytes);
  }

  failed(error: S2Error): void {
    this.session.failed(error, this.bytes);
  }
}

/** In a session a message that is no protobuf is a broken frame. */
function inputError(caught: unknown): S2Error {
  const error = S2Error.from(caught);
  if (error.code !== "bad_proto") return error;
  return new S2Error({ code: "bad_frame", message: error.rawMessage, cause: error });
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
