// An S2S append session: frames in, acks out, in order. Reads on without waiting for durability,
// stops reading when too much is in flight, and after the first failure lets nothing more of the
// session take effect. Sequencing is the backend's. Spec: data-plane#append-session.

import {
  type AppendAck,
  encodeTerminalFrame,
  errorToWire,
  type Frame,
  MAX_FRAME_BODY_BYTES,
  S2Error,
} from "@s2kit/core";
import { tooFull } from "../exchange/body-guard.js";
import type { BodySink } from "../exchange/exchange.js";
import { AckOutbox } from "./ack-outbox.js";
import type { AppendSessionComponents } from "./append-session-components.js";
import { AppendStage } from "./append-stage.js";
import { FrameInbox } from "./frame-inbox.js";
import { type InputOutcomes, InputReply } from "./input-reply.js";
import { ReadHold } from "./read-hold.js";
import type { Session } from "./session.js";
import { UnackedWindow } from "./unacked-window.js";

export interface AppendSession extends Session, BodySink {}

export function createAppendSession(components: AppendSessionComponents): AppendSession {
  return new Inbound(components);
}

class Inbound implements AppendSession, InputOutcomes {
  private readonly components: AppendSessionComponents;
  private readonly inbox: FrameInbox;
  private readonly reads: ReadHold;
  private readonly unacked = new UnackedWindow();
  private readonly gone = new AbortController();
  private readonly whenGone = (): AbortSignal => this.gone.signal;
  private readonly acks: AckOutbox;
  private readonly stage: AppendStage;
  private isWorking = false;

  constructor(components: AppendSessionComponents) {
    this.components = components;
    this.inbox = new FrameInbox(components.guard, () => this.giveWay());
    this.reads = new ReadHold(components.channel);
    this.acks = new AckOutbox(components.isAdvising, () => this.flush());
    this.stage = new AppendStage({
      onInputClosed: () => {
        this.inbox.close();
        this.gone.abort("closed");
        this.reads.letGo();
      },
      onOver: () => components.onOver(),
    });
  }

  chunk(bytes: Uint8Array): void {
    if (!this.stage.takesInput) return;
    if (this.inbox.tryPush(bytes)) this.work();
    else this.refuse(tooFull());
  }

  end(): void {
    this.stage.halfClose();
    this.work();
  }

  /** The client is gone: what is sequenced becomes durable, the rest is dropped. */
  fail(error: S2Error): void {
    if (error.code !== "client_hangup") {
      this.refuse(error);
      return;
    }
    this.stage.close(undefined);
    this.stage.end();
  }

  advise(): void {
    this.acks.isAdvising = true;
  }

  terminate(error: S2Error): void {
    this.refuse(error);
  }

  /** Takes frames until there is none, or something must be waited for. */
  private work(): void {
    if (this.isWorking) return;
    this.isWorking = true;
    try {
      while (!this.reads.isHeld && this.stage.takesInput) {
        const frame = this.inbox.next();
        if (frame === undefined) {
          if (this.stage.isEnding) this.finishInput();
          break;
        }
        this.take(frame);
      }
    } catch (error) {
      this.refuse(inputError(error));
    } finally {
      this.isWorking = false;
      if (this.stage.takesInput) this.inbox.settle();
    }
  }

  /** Others need the room: an idle session has a buffer to give, one within a frame has to go. */
  private giveWay(): void {
    this.inbox.release();
    if (!this.inbox.isEmpty) this.refuse(tooFull());
    else if (this.stage.takesInput) this.inbox.settle();
  }

  private finishInput(): void {
    this.inbox.end();
    this.stage.close(undefined);
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
    const plain = this.components.codec.decompress(
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
    if (!this.stage.takesInput) return;
    if (!this.inbox.tryInflate(message)) throw tooFull();
    this.submit(message);
  }

  private submit(message: Uint8Array): void {
    if (!this.stage.takesInput) return;
    const reply = new InputReply(this, message.length);
    this.unacked.add(message.length);
    let outcome: boolean | Promise<boolean>;
    try {
      outcome = this.components.submit(message, reply, this.whenGone);
    } catch (error) {
      this.settleInput(message.length);
      throw error;
    }
    // Refused: the reason comes as the reply, behind the acks of what went before.
    const onOutcome = (isAccepted: boolean): void => {
      if (!isAccepted) this.stage.close(undefined);
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
    if (this.stage.isOver) return;
    // All acks that one durability callback releases leave in one write.
    this.acks.push(ack);
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
    if (error.code === "INTERNAL_ERROR") this.components.onUnexpected(error.cause ?? error);
    this.stage.close(error);
    this.finish();
  }

  private flush(): void {
    if (this.stage.isOver) return;
    // A client that does not read its acks gets to send no more.
    if (!this.components.channel.write([this.acks.take()]))
      this.hold(this.components.channel.whenWritable());
    this.finish();
  }

  /** Ends the response once the input is closed and everything accepted is acknowledged. */
  private finish(): void {
    const { closing } = this.stage;
    if (closing === undefined || !this.unacked.isEmpty || !this.acks.isEmpty) return;
    if (closing.failure !== undefined) {
      this.components.onFailed(closing.failure);
      const { status, body } = errorToWire(closing.failure);
      this.components.channel.write([encodeTerminalFrame(status, JSON.stringify(body))]);
    }
    this.components.channel.end();
    // The end may have been the end of the connection too.
    this.stage.end();
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

/** In a session a message that is no protobuf is a broken frame. */
function inputError(caught: unknown): S2Error {
  const error = S2Error.from(caught);
  if (error.code !== "bad_proto") return error;
  return new S2Error({ code: "bad_frame", message: error.rawMessage, cause: error });
}
