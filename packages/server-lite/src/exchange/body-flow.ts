// The body of one request between its carrier and its reader. Carriers report what happened, in
// whatever order their libraries tell it; the reader gets chunks, then exactly one of `end` and
// `fail`. The first word counts: libraries say `end` of a body after they said that it was cut.

import type { S2Error } from "@s2kit/core";
import { type BodySink, clientHangup } from "./exchange.js";

/** How a body ended: whole, cut by the client's leaving, or why it cannot be read. */
type Outcome = "whole" | "cut" | S2Error;

export class BodyFlow {
  private sink: BodySink | undefined = undefined;
  private outcome: Outcome | undefined = undefined;

  /** True when nothing more comes of it. */
  get isOver(): boolean {
    return this.outcome !== undefined;
  }

  /** Gives the body its reader, once. What happened before is told at once. */
  attach(sink: BodySink): void {
    if (this.outcome === undefined) this.sink = sink;
    else tell(sink, this.outcome);
  }

  chunk(bytes: Uint8Array): void {
    this.sink?.chunk(bytes);
  }

  end(): void {
    this.settle("whole");
  }

  /** The client went away, or nobody wants the rest. */
  cut(): void {
    this.settle("cut");
  }

  /** The carrier cannot read what comes. */
  fail(error: S2Error): void {
    this.settle(error);
  }

  private settle(outcome: Outcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    const { sink } = this;
    this.sink = undefined;
    if (sink !== undefined) tell(sink, outcome);
  }
}

/**
 * Every exchange closes, most of them long after their body or without one: an error with its stack
 * costs more than an answer, so that only a reader has one made.
 */
function tell(sink: BodySink, outcome: Outcome): void {
  if (outcome === "whole") sink.end();
  else sink.fail(outcome === "cut" ? clientHangup() : outcome);
}
