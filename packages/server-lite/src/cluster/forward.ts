// Passes one request on to the node that has its shard, and the answer back: bytes as they come,
// held back on one side while the other takes none. The body is asked for by the owner, so that a
// request which does not reach it, or the right one, can go elsewhere whole. A pump; where it goes
// is decided by whoever calls it.

import { encodeTerminalFrame, errorToWire, mediaKindOf, S2Error, statusOf } from "@s2kit/core";
import { BodyChunks } from "../exchange/body-chunks.js";
import type { Exchange, ResponseHeaders } from "../exchange/exchange.js";
import type { PeerFailure, PeerHead, PeerRequest, PeerSink, Peers } from "../exchange/peers.js";
import { WholeFrames } from "./whole-frames.js";

export type Forwarded =
  /** The client has its answer, or is gone. */
  | { readonly kind: "answered"; readonly status: number }
  /** Nothing has happened there: another node may be asked. */
  | { readonly kind: "misdirected" | "unreached" };

/** What a failure says: a larger one is cut off. */
const MAX_FAILURE_BYTES = 64 * 1024;

/**
 * @param body - given when it was read already; default: that of the exchange, as it comes
 * @throws {S2Error} `unavailable` when nobody knows whether it took effect
 */
export function forward(
  exchange: Exchange,
  peers: Peers,
  {
    url,
    head,
    body,
  }: { readonly url: string; readonly head: PeerHead; readonly body?: Uint8Array },
): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const run = new Forwarding(exchange, body, head, { resolve, reject });
    run.request = peers.open(url, head, run);
    exchange.onClose(() => run.clientGone());
  });
}

interface Outcome {
  resolve(outcome: Forwarded): void;
  reject(error: S2Error): void;
}

/** How far the answer is. */
type Answer =
  | { readonly kind: "none" | "passing" | "over" }
  /** One that is told whole: some carriers say it in words of their own. */
  | { readonly kind: "failure"; readonly status: number; readonly headers: ResponseHeaders };

class Forwarding implements PeerSink {
  request!: PeerRequest;
  private readonly exchange: Exchange;
  private readonly body: Uint8Array | undefined;
  private readonly asked: PeerHead;
  private readonly outcome: Outcome;
  private answer: Answer = { kind: "none" };
  private status = 0;
  private hasBegun = false;
  private isHeld = false;
  private readonly failure = new BodyChunks();
  /** For a carrier of messages: none of them may have half a frame. */
  private frames: WholeFrames | undefined = undefined;

  constructor(exchange: Exchange, body: Uint8Array | undefined, asked: PeerHead, outcome: Outcome) {
    this.exchange = exchange;
    this.body = body;
    this.asked = asked;
    this.outcome = outcome;
  }

  goAhead(): void {
    const { exchange, request, body } = this;
    if (this.hasBegun || !this.asked.hasBody) return;
    this.hasBegun = true;
    if (body !== undefined) {
      request.write(body);
      request.end();
      return;
    }
    exchange.consume({
      chunk: (bytes) => {
        if (request.write(bytes) || this.isHeld) return;
        this.isHeld = true;
        // There is no room for what the client sends until it notices.
        if (!exchange.pause()) this.breakOff();
      },
      end: () => request.end(),
      fail: (error) => this.bodyFailed(error),
    });
  }

  drained(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.exchange.resume();
  }

  head(status: number, headers: ResponseHeaders): void {
    const { exchange } = this;
    if (status === statusOf("misdirected")) return this.misdirected();
    this.status = status;
    if (status >= 400) {
      this.answer = { kind: "failure", status, headers };
      return;
    }
    this.answer = { kind: "passing" };
    // It is on its way: of a session, that is when it counts as answered.
    this.outcome.resolve({ kind: "answered", status });
    if (exchange.protocol === "WebSocket") this.frames = new WholeFrames();
    exchange.respond(status, headers);
    // Of a session: its client sends when it has been answered.
    this.goAhead();
  }

  chunk(bytes: Uint8Array): void {
    const { exchange, failure, request, frames } = this;
    if (this.answer.kind === "failure") {
      if (failure.byteLength + bytes.length <= MAX_FAILURE_BYTES) failure.push(bytes);
      return;
    }
    let hasRoom = true;
    if (frames === undefined) hasRoom = exchange.write([bytes]);
    else for (const frame of frames.push(bytes)) hasRoom = exchange.write([frame]);
    if (hasRoom) return;
    request.pause();
    void exchange.whenWritable().then(() => request.resume());
  }

  end(): void {
    const { answer, exchange, failure } = this;
    // An end without a head answers nothing.
    if (answer.kind === "none") return this.failUnanswered("reset");
    this.answer = { kind: "over" };
    // It would wait for a body that it does not want.
    if (this.asked.hasBody && !this.hasBegun) this.request.abort();
    if (answer.kind === "failure") {
      const isEmpty = failure.byteLength === 0;
      exchange.respond(answer.status, { ...answer.headers, "content-length": failure.byteLength });
      exchange.end(isEmpty ? undefined : failure.whole());
    } else exchange.end();
    this.outcome.resolve({ kind: "answered", status: this.status });
  }

  fail(how: PeerFailure): void {
    if (this.answer.kind === "none") return this.failUnanswered(how);
    this.answer = { kind: "over" };
    // What a client has of an answer looks whole to it otherwise.
    this.exchange.abort();
    this.outcome.resolve({ kind: "answered", status: this.status });
  }

  clientGone(): void {
    if (this.answer.kind === "over") return;
    this.request.abort();
    this.settle({ kind: "answered", status: statusOf("client_hangup") });
  }

  /** Between nodes alone: no client hears of it. */
  private misdirected(): void {
    this.request.abort();
    if (!this.hasBegun) return this.settle({ kind: "misdirected" });
    this.answer = { kind: "over" };
    // What was read of the body is gone.
    this.outcome.reject(
      new S2Error({
        code: "unavailable",
        message: "the part of the store that this is for has moved: try again",
      }),
    );
  }

  private failUnanswered(how: PeerFailure): void {
    const { hasBody, headers, method } = this.asked;
    const isRead = method === "GET" || method === "HEAD";
    // Without a type it may have none, and an owner that needs none asks for none before it acts.
    const isTyped = hasBody && mediaKindOf(headers["content-type"]) !== "none";
    const isHarmless = isRead || (isTyped && !this.hasBegun);
    if (how === "unsent" || (how === "lost" && isHarmless))
      return this.settle({ kind: "unreached" });
    this.answer = { kind: "over" };
    this.outcome.reject(failureOf(how, isHarmless, isRead));
  }

  /** The client is gone, or sends what is no body: a session says so in its own words. */
  private bodyFailed(error: S2Error): void {
    const { answer, exchange, request, frames } = this;
    if (error.code === "client_hangup" || answer.kind === "over") return this.breakOff();
    this.answer = { kind: "over" };
    request.abort();
    if (answer.kind !== "passing") return this.outcome.reject(error);
    if (frames === undefined) return exchange.abort();
    const { status, body } = errorToWire(error);
    exchange.end(encodeTerminalFrame(status, JSON.stringify(body)));
  }

  private breakOff(): void {
    this.request.abort();
    this.exchange.abort();
    this.clientGone();
  }

  private settle(outcome: Forwarded): void {
    this.answer = { kind: "over" };
    this.outcome.resolve(outcome);
  }
}

/** Of a request alone: asking again for it would be refused again, and hide a node that is well. */
function failureOf(how: "reset" | "lost", isHarmless: boolean, isRead: boolean): S2Error {
  if (how === "reset" && isHarmless && !isRead)
    return new S2Error({
      code: "hot_server",
      message: "the node that has this part of the store did not take the request: try again",
    });
  const outcome = isHarmless ? "try again" : "whether it took effect is not known";
  const what = how === "lost" ? "is gone" : "broke it off";
  return new S2Error({
    code: "unavailable",
    message: `the node that had this request ${what}: ${outcome}`,
  });
}
