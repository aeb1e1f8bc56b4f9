// One HTTP/2 connection: dialled once, used by many exchanges, retired when the peer says goodbye
// and closed when its last exchange ends. It counts its streams, has its peer watched while streams
// are open, and never keeps an idle process alive. Spec: sdk#connection-pool, sdk#timeouts.

import * as http2 from "node:http2";
import { type Clock, err, ok, type Result, type S2Error, type Timer } from "@s2kit/core";
import { connectError, connectTimeoutError, timeoutError } from "../errors.js";
import { http2RefusedError, refusesHttp2 } from "./http2-refusal.js";
import type { Http2Settings } from "./http2-windows.js";
import { PeerWatch, PING_TIMEOUT_MILLIS } from "./peer-watch.js";

const MAX_STREAMS_PER_CONNECTION = 100;
const TCP_KEEP_ALIVE_MILLIS = 30_000;
const IDLE_CLOSE_MILLIS = 90_000;
const MIB: number = 1024 * 1024;
/** Data queued to send counts too, so the sum of the windows alone would refuse streams. */
const SESSION_MEMORY_MARGIN_MIB = 64;
const MAX_FRAME_BYTES: number = MIB;
/** Silence that makes a connection suspect when a stream is given up that was never answered. */
const UNANSWERED_MILLIS = 1000;
/** And when it was: servers write at least every 15 s to whoever reads. */
const SILENT_MILLIS = 16_000;

export interface Http2ConnectionComponents {
  readonly origin: string;
  readonly windows: Http2Settings;
  readonly connectionTimeoutMillis: number;
  readonly clock: Clock;
  /** Whether somebody at this origin has spoken HTTP/2 before. */
  readonly hasSpoken: () => boolean;
  /** The connection can take no more streams, ever. */
  readonly onRetired: () => void;
  /** A stream ended, or the peer allows more: somebody may be waiting. */
  readonly onRoom: () => void;
}

/**
 * ```
 *   serving ──the last stream ends──► idle ──90 s──► leaving ──the last stream ends──► closed
 *      ▲ │                             │ │              ▲
 *      │ └──── GOAWAY, retire ─────────┼─┴──────────────┘         an error closes from anywhere
 *      └────────── reserve ────────────┘
 * ```
 */
type State =
  /** From the dial on. */
  | { readonly kind: "serving" }
  | { readonly kind: "idle"; readonly timer: Timer }
  /** Takes no new streams. */
  | { readonly kind: "leaving" }
  | { readonly kind: "closed" };

export class Http2Connection {
  /** Settles when the dial does. */
  readonly dialled: Promise<Result<undefined>>;
  /** True once the peer has sent its settings, false when what it sent is no HTTP/2. */
  readonly speaksHttp2: Promise<boolean | undefined>;
  readonly #components: Http2ConnectionComponents;
  readonly #session: http2.ClientHttp2Session;
  readonly #watch: PeerWatch;
  #state: State = { kind: "serving" };
  /** Streams open or promised. */
  #held = 0;
  /** The peer has sent its settings. */
  #isSpeaking = false;
  #maxStreams = MAX_STREAMS_PER_CONNECTION;
  /** The last byte that is known to have come from the peer. */
  #heardAt: number;

  constructor(components: Http2ConnectionComponents) {
    this.#components = components;
    this.#heardAt = components.clock.monotonic();
    const { windows } = components;
    this.#session = http2.connect(components.origin, {
      settings: {
        enablePush: false,
        initialWindowSize: windows.initialStreamWindowSize,
        maxFrameSize: MAX_FRAME_BYTES,
      },
      maxSessionMemory:
        Math.ceil((windows.connectionWindowSize + windows.initialStreamWindowSize) / MIB) +
        SESSION_MEMORY_MARGIN_MIB,
    });
    // Each stream adds listeners to the shared session: that is no leak.
    this.#session.setMaxListeners(0);
    this.#watch = new PeerWatch({
      clock: components.clock,
      isInUse: () => this.#held > 0 && !this.#session.destroyed,
      ping: (onAnswer) =>
        this.#session.ping((error) => {
          if (error === null) this.noteRead();
          onAnswer(error === null);
        }),
      onSilent: () => this.destroy(timeoutError("ping of an idle connection", PING_TIMEOUT_MILLIS)),
    });
    this.dialled = this.#dial();
    this.speaksHttp2 = this.#listenForHttp2();
    this.#session.on("remoteSettings", (settings) => {
      this.#isSpeaking = true;
      const { maxConcurrentStreams } = settings;
      if (maxConcurrentStreams === undefined) return;
      this.#maxStreams = Math.min(MAX_STREAMS_PER_CONNECTION, maxConcurrentStreams);
      if (this.hasRoom) components.onRoom();
    });
    this.#session.on("goaway", () => this.retire());
    this.#session.on("close", () => this.#onClosed());
  }

  get hasRoom(): boolean {
    const isTaking = this.#state.kind === "serving" || this.#state.kind === "idle";
    return isTaking && !this.#session.closed && this.#held < this.#maxStreams;
  }

  /** Promises a stream; to be paired with one {@link release}. */
  reserve(): void {
    this.#held++;
    if (this.#state.kind === "idle") this.#enter({ kind: "serving" });
    this.#session.ref();
  }

  release(): void {
    this.#held--;
    if (this.#state.kind === "closed") return;
    if (this.#held === 0) this.#becomeIdle();
    this.#components.onRoom();
  }

  /** Opens a promised stream. @throws what `node:http2` throws when the session is going away */
  request(headers: http2.OutgoingHttpHeaders, endStream: boolean): http2.ClientHttp2Stream {
    const stream = this.#session.request(headers, { endStream });
    this.#watch.noteRead();
    this.#watch.watch();
    return stream;
  }

  /** Bytes came in: the peer lives. */
  noteRead(): void {
    this.#heardAt = this.#components.clock.monotonic();
    this.#watch.noteRead();
  }

  /**
   * A stream is given up. When the peer said nothing at all meanwhile, whoever tries again must not
   * meet the same silence: each new stream would put off the ping that finds out.
   */
  forsake({
    openedAt,
    isAnswered,
  }: {
    readonly openedAt: number;
    readonly isAnswered: boolean;
  }): void {
    const silentMillis = this.#components.clock.monotonic() - Math.max(this.#heardAt, openedAt);
    if (silentMillis >= (isAnswered ? SILENT_MILLIS : UNANSWERED_MILLIS)) this.retire();
  }

  /** Takes no new streams; closes when the last one ends. */
  retire(): void {
    if (this.#state.kind === "leaving" || this.#state.kind === "closed") return;
    this.#enter({ kind: "leaving" });
    this.#components.onRetired();
    if (this.#held === 0) this.#session.close();
  }

  /** Ends everything now. With an error, because streams would take a plain end for the peer's. */
  destroy(error: S2Error): void {
    this.retire();
    this.#session.destroy(error);
  }

  #dial(): Promise<Result<undefined>> {
    const { clock, connectionTimeoutMillis, windows } = this.#components;
    return new Promise((resolve) => {
      const fail = (error: S2Error): void => {
        timer.cancel();
        resolve(err(error));
        this.destroy(error);
      };
      const timer = clock.setTimer(
        () => fail(connectTimeoutError(connectionTimeoutMillis)),
        connectionTimeoutMillis,
      );
      this.#session.once("connect", (_session, socket) => {
        // The peer may have died between its accept and this event; `close` follows.
        if (this.#session.destroyed) return;
        timer.cancel();
        // Not in every runtime that emulates Node.
        this.#session.setLocalWindowSize?.(windows.connectionWindowSize);
        if ("setKeepAlive" in socket) socket.setKeepAlive(true, TCP_KEEP_ALIVE_MILLIS);
        this.noteRead();
        resolve(ok(undefined));
      });
      // Stays for good: an error without a listener would end the process.
      this.#session.on("error", (caught) => fail(this.refusalOf(caught) ?? connectError(caught)));
      this.#session.once("close", () => fail(connectError(new Error("connection closed"))));
    });
  }

  /** Why a stream or the dial failed, if that is because the peer speaks no HTTP/2. */
  refusalOf(caught: unknown): S2Error | undefined {
    if (this.#isSpeaking || !refusesHttp2(caught)) return undefined;
    return http2RefusedError(caught, this.#components.hasSpoken());
  }

  #listenForHttp2(): Promise<boolean | undefined> {
    const { clock, connectionTimeoutMillis } = this.#components;
    return new Promise((resolve) => {
      const settle = (speaks: boolean | undefined): void => {
        timer.cancel();
        resolve(speaks);
      };
      const timer = clock.setTimer(() => resolve(undefined), connectionTimeoutMillis, {
        keepsAlive: false,
      });
      this.#session.once("remoteSettings", () => settle(true));
      this.#session.once("error", (caught) => settle(refusesHttp2(caught) ? false : undefined));
      this.#session.once("close", () => settle(undefined));
    });
  }

  #becomeIdle(): void {
    this.#watch.rest();
    if (this.#state.kind === "leaving") {
      this.#session.close();
      return;
    }
    this.#session.unref();
    const { clock } = this.#components;
    const timer = clock.setTimer(() => this.retire(), IDLE_CLOSE_MILLIS, { keepsAlive: false });
    this.#enter({ kind: "idle", timer });
  }

  /** Leaves the present state with its timer. */
  #enter(next: State): void {
    if (this.#state.kind === "idle") this.#state.timer.cancel();
    this.#state = next;
  }

  #onClosed(): void {
    this.retire();
    this.#enter({ kind: "closed" });
    this.#watch.end();
  }
}
