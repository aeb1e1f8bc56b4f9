// From chunks of an exchange to whole messages of a session, in order, decompressing on the way.
// While a message is being decompressed elsewhere, later chunks wait: order is the contract. A
// broken stream is reported once as an error, never thrown. Spec: data-plane#frames.

import {
  createFrameDecoder,
  Fifo,
  type Frame,
  type FrameCodec,
  type FrameCompression,
  MAX_FRAME_BODY_BYTES,
  type MessageFrame,
  type S2Error,
} from "@s2kit/core";
import { decodeError, protocolError } from "../errors.js";

export interface FrameSink {
  /** A whole plain message; it belongs to the callee. */
  onMessage(body: Uint8Array, isReconnectAdvised: boolean): void;
  onTerminal(status: number, json: string): void;
  /** The stream cannot be read on. */
  onBroken(error: S2Error): void;
}

/** What holds the exchange up; false when the carrier cannot be. */
export interface FrameSource {
  pause(): boolean;
  resume(): void;
}

/** Chunks that may wait for a message to be decompressed before the exchange is held up. */
const MAX_WAITING_BYTES: number = 1024 * 1024;
/** For carriers that cannot be held up, and what such a peer may have sent before it noticed. */
const MAX_UNHELD_BYTES: number = 32 * 1024 * 1024;
const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #codec: FrameCodec | undefined;
  readonly #negotiated: FrameCompression;
  readonly #decoder = createFrameDecoder();
  readonly #waiting = new Fifo<Uint8Array>();
  #waitingBytes = 0;
  #isFull = false;
  #chunk: Uint8Array = NO_BYTES;
  /** `busy` while a message is decompressed elsewhere. */
  #state: "ready" | "busy" | "stopped" = "ready";
  #onDrained: (() => void) | undefined;

  readonly #source: FrameSource;

  constructor(
    sink: FrameSink,
    source: FrameSource,
    codec: FrameCodec | undefined,
    negotiated: FrameCompression,
  ) {
    this.#sink = sink;
    this.#source = source;
    this.#codec = codec;
    this.#negotiated = negotiated;
  }

  /** True while the source is held up from here. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** What waits is bounded by holding up the source. */
  push(chunk: Uint8Array): void {
    if (this.#state === "stopped") return;
    if (this.#state === "busy") {
      this.#wait(chunk);
      return;
    }
    this.#take(chunk);
    this.#work();
  }

  #wait(chunk: Uint8Array): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > MAX_UNHELD_BYTES)
      this.#break(protocolError("the peer sends faster than it can be decompressed"));
    else if (this.#waitingBytes >= MAX_WAITING_BYTES && !this.#isFull) {
      this.#isFull = true;
      this.#source.pause();
    }
  }

  /** The exchange ended: calls back when everything before was handed out. */
  end(onDrained: (leftover: S2Error | undefined) => void): void {
    this.#onDrained = () => {
      try {
        this.#decoder.end();
        onDrained(undefined);
      } catch (caught) {
        onDrained(decodeError(caught));
      }
    };
    if (this.#state !== "busy") this.#onDrained();
  }

  /** Hands out nothing more. */
  stop(): void {
    this.#state = "stopped";
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  get #isReady(): boolean {
    return this.#state === "ready";
  }

  get #isStopped(): boolean {
    return this.#state === "stopped";
  }

  #take(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#decoder.push(chunk);
  }

  #work(): void {
    try {
      for (;;) {
        if (this.#isStopped) return;
        const frame = this.#decoder.next();
        if (frame === undefined) {
          // What is left of it is in the decoder's own buffer.
          this.#chunk = NO_BYTES;
          const chunk = this.#waiting.shift();
          if (chunk === undefined) {
            this.#drained();
            return;
          }
          this.#waitingBytes -= chunk.length;
          this.#take(chunk);
        } else if (this.#handle(frame)) return;
      }
    } catch (caught) {
      this.#break(decodeError(caught));
    }
  }

  #drained(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#source.resume();
  }

  /** True when the work goes on later. */
  #handle(frame: Frame): boolean {
    if (frame.kind === "terminal") {
      this.#state = "stopped";
      this.#sink.onTerminal(frame.status, frame.json);
      return true;
    }
    if (frame.compression === "none") {
      this.#sink.onMessage(this.#owned(frame.body), frame.reconnectAdvised);
      return false;
    }
    return this.#inflate(frame, frame.compression);
  }

  #inflate(frame: MessageFrame, algorithm: "gzip" | "zstd"): boolean {
    if (this.#codec === undefined || this.#negotiated === "none") {
      this.#break(protocolError(`unasked compression algorithm=${algorithm}`));
      return true;
    }
    const { reconnectAdvised } = frame;
    const plain = this.#codec.decompress(algorithm, this.#owned(frame.body), MAX_FRAME_BODY_BYTES);
    if (plain instanceof Uint8Array) {
      this.#sink.onMessage(plain, reconnectAdvised);
      return false;
    }
    this.#state = "busy";
    plain.then(
      (body) => {
        if (this.#isStopped) return;
        this.#state = "ready";
        this.#sink.onMessage(body, reconnectAdvised);
        this.#work();
        if (this.#isReady) this.#onDrained?.();
      },
      (caught: unknown) => this.#break(decodeError(caught)),
    );
    return true;
  }

  /** A view of our own chunk stays; a view of the decoder's gathering buffer is copied. */
  #owned(body: Uint8Array): Uint8Array {
    return body.buffer === this.#chunk.buffer ? body : body.slice();
  }

  #break(error: S2Error): void {
    if (this.#isStopped) return;
    this.stop();
    this.#sink.onBroken(error);
  }
}
