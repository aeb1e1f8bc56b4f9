// An S2S append session: frames in, acks out, in order. Reads on without waiting for durability,
// stops reading when too much is in flight, and after the first failure lets nothing more of the
// session take effect. Sequencing is the backend's. Spec: data-plane#append-session.

import {
  type AppendAck,
  appendAckSize,
  assert,
  encodeTerminalFrame,
  errorToWire,
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
import { FrameInbox } from "./frame-inbox.js";
import { type HeldSender, ReadHold } from "./read-hold.js";
import type { Session } from "./session.js";
import { UnackedWindow } from "./unacked-window.js";

/** What a session appends to: the backend's intake, bound to a stream. */
export type SubmitAppend = (
  message: Uint8Array,
  reply: AppendReply,
  whenGone: () => AbortSignal,
) => boolean | Promise<boolean>;

/** The side of the connection that the session drives; an exchange or a WebSocket. */
export interface AppendChannel extends HeldSender {
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
  /** Called once when the session is over, whichever way. */
  onOver(): void;
  /** A failure that is a bug here. */
  onUnexpected(error: unknown): void;
}

export interface AppendSession extends Session, BodySink {}

export function createAppendSession(context: AppendSessionContext): AppendSession {
  return new Inbound(context);
}

/**
 * How far a session is; it only goes forward:
 *
 * ```
 *   open ---- half close ----> ending ---- all is taken ----> closing ---- all is acked ----> over
 *     \________ a failure, or the client is gone _______________^
 * ```
 */
type Stage =
  /** Input comes, and takes effect. */
  | { readonly kind: "open" }
  /** The client has ended its side; what came before takes effect. */
  | { readonly kind: "ending" }
  /** No more input takes effect; what was accepted is acknowledged, then the failure is told. */
  | { readonly kind: "closing"; readonly failure: S2Error | undefined }
  | { readonly kind: "over" };

const OPEN: Stage = { kind: "open" };
const ENDING: Stage = { kind: "ending" };
const OVER: Stage = { kind: "over" };
const ORDER: readonly Stage["kind"][] = ["open", "ending", "closing", "over"];

class Inbound implements AppendSession {
  private readonly context: AppendSessionContext;
  private readonly inbox: FrameInbox;
  private readonly reads: ReadHold;
  private readonly unacked = new UnackedWindow();
  private readonly gone = new AbortController();
  private readonly whenGone = (): AbortSignal => this.gone.signal;
  /** While there are some, a flush is on its way. */
  private readonly acks: AppendAck[] = [];
  private stage: Stage = OPEN;
  private isWorking = false;
  private isAdvising: boolean;

  constructor(context: AppendSessionContext) {
    this.context = context;
    this.isAdvising = context.isAdvising;
    this.inbox = new FrameInbox(context.guard, () => this.giveWay());
    this.reads = new ReadHold(context.channel);
  }

  chunk(bytes: Uint8Array): void {
    if (!this.takesInput) return;
    if (this.inbox.tryPush(bytes)) this.work();
    else this.refuse(tooFull());
  }

  end(): void {
    if (this.stage.kind === "open") this.enter(ENDING);
    this.work();
  }

  /** The client is gone: what is sequenced becomes durable, the rest is dropped. */
  fail(error: S2Error): void {
    if (error.code !== "client_hangup") {
      this.refuse(error);
      return;
    }
    this.closeInput(undefined);
    if (!this.isOver) this.enter(OVER);
  }

  advise(): void {
    this.isAdvising = true;
  }

  terminate(error: S2Error): void {
    this.refuse(error);
  }

  private get isOver(): boolean {
    return this.stage.kind === "over";
  }

  private get takesInput(): boolean {
    const { kind } = this.stage;
    return kind === "open" || kind === "ending";
  }

  /** Takes frames until there is none, or something must be waited for. */
  private work(): void {
    if (this.isWorking) return;
    this.isWorking = true;
    try {
      while (!this.reads.isHeld && this.takesInput) {
        const frame = this.inbox.next();
        if (frame === undefined) {
          if (this.stage.kind === "ending") this.finishInput();
          break;
        }
        this.take(frame);
      }
    } catch (error) {
      this.refuse(inputError(error));
    } finally {
      this.isWorking = false;
      if (this.takesInput) this.inbox.settle();
    }
  }

  /** Others need the room: an idle session has a buffer to give, one within a frame has to go. */
  private giveWay(): void {
    this.inbox.release();
    if (!this.inbox.isEmpty) this.refuse(tooFull());
    else if (this.takesInput) this.inbox.settle();
  }

  private finishInput(): void {
    this.inbox.end();
    this.closeInput(undefined);
    this.finish();
  }

  private take(frame: Frame): void {
    if (frame.kind === "terminal")
      throw new S2Error({ code: "bad_frame", message: "a client must not send a terminal frame" });
    this.inbox.moved();
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
    this.inbox.waitingBytes = frame.body.length;
    this.hold(plain.then((body) => this.submitPlain(body)));
  }

  /** A small frame may have become a large message, which waits like any other. */
  private submitPlain(message: Uint8Array): void {
    if (!this.takesInput) return;
    if (!this.inbox.tryInflate(message)) throw tooFull();
    this.submit(message);
  }

  private submit(message: Uint8Array): void {
    if (!this.takesInput) return;
    const reply = new InputReply(this, message.length);
    this.unacked.add(message.length);
    let outcome: boolean | Promise<boolean>;
    try {
      outcome = this.context.submit(message, reply, this.whenGone);
    } catch (error) {
      this.settleInput(message.length);
      throw error;
    }
    // Refused: the reason comes as the reply, behind the acks of what went before.
    const onOutcome = (isAccepted: boolean): void => {
      if (!isAccepted) this.closeInput(undefined);
    };
    if (outcome instanceof Promise) {
      this.inbox.waitingBytes = message.length;
      this.hold(
        outcome.then(onOutcome, (error: unknown) => {
          reply.failed(inputError(error));
        }),
      );
    } else onOutcome(outcome);
    if (this.unacked.overflows()) this.addHold();
  }

  /** Called by {@link InputReply}, in order of the inputs. */
  acked(ack: AppendAck, bytes: number): void {
    this.settleInput(bytes);
    if (this.isOver) return;
    // All acks that one durability callback releases leave in one write.
    if (this.acks.push(ack) === 1) queueMicrotask(() => this.flush());
  }

  /** Called by {@link InputReply}: the first failure ends the session. */
  failed(error: S2Error, bytes: number): void {
    this.settleInput(bytes);
    this.refuse(error);
  }

  private settleInput(bytes: number): void {
    if (this.unacked.settle(bytes)) this.dropHold();
  }

  private refuse(error: S2Error): void {
    if (error.code === "INTERNAL_ERROR") this.context.onUnexpected(error.cause ?? error);
    this.closeInput(error);
    this.finish();
  }

  /** @param failure - what the client is told; the first one counts */
  private closeInput(failure: S2Error | undefined): void {
    const { stage } = this;
    if (stage.kind === "over") return;
    if (stage.kind === "closing" && stage.failure !== undefined) return;
    this.enter({ kind: "closing", failure });
  }

  /** The one place where the stage changes: what was held for input goes with the last of it. */
  private enter(stage: Stage): void {
    const { takesInput } = this;
    const isForward = ORDER.indexOf(stage.kind) >= ORDER.indexOf(this.stage.kind);
    assert(isForward, "a session only goes forward");
    this.stage = stage;
    if (takesInput && !this.takesInput) {
      this.inbox.clear();
      this.gone.abort("closed");
      this.reads.letGo();
    }
    if (stage.kind === "over") this.context.onOver();
  }

  private flush(): void {
    if (this.isOver) return;
    const bytes = encodeAcks(this.acks, this.isAdvising);
    this.acks.length = 0;
    // A client that does not read its acks gets to send no more.
    if (!this.context.channel.write([bytes])) this.hold(this.context.channel.whenWritable());
    this.finish();
  }

  /** Ends the response once the input is closed and everything accepted is acknowledged. */
  private finish(): void {
    const { stage } = this;
    if (stage.kind !== "closing" || !this.unacked.isEmpty || this.acks.length > 0) return;
    if (stage.failure !== undefined) {
      const { status, body } = errorToWire(stage.failure);
      this.context.channel.write([encodeTerminalFrame(status, JSON.stringify(body))]);
    }
    this.context.channel.end();
    // The end may have been the end of the connection too.
    if (!this.isOver) this.enter(OVER);
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
    if (!this.reads.add()) this.refuse(tooFull());
  }

  private dropHold(): void {
    if (!this.reads.drop()) return;
    this.inbox.waitingBytes = 0;
    this.reads.resume();
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
