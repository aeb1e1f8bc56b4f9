// Where the outcome of one input of an append session goes. Small, since there is one for each
// append.

import type { AppendAck, S2Error } from "@s2kit/core";
import type { AppendReply } from "../backend/append/pending-ack.js";

/** Hears of all inputs of a session, in their order. */
export interface InputOutcomes {
  acked(ack: AppendAck, bytes: number): void;
  /** The first failure ends the session. */
  failed(error: S2Error, bytes: number): void;
}

/** Settled once. */
export class InputReply implements AppendReply {
  private readonly session: InputOutcomes;
  private readonly bytes: number;

  constructor(session: InputOutcomes, bytes: number) {
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
