// A streaming read: takes items of a reader, encodes them, writes them as fast as the client takes
// them. Runs when the reader has something, or the client has room again: at the tail a batch goes
// from the stream to the socket in one call. The encoding (S2S frames, SSE events) is an argument,
// the rules are the reader's. Spec: data-plane#sse, data-plane#read-session, data-plane#guarantees.

import { deferred, S2Error } from "@s2kit/core";
import { NOT_YET, type ReadItem } from "../backend/read/read-item.js";
import type { Reader } from "../backend/read/reader.js";
import { SharedOutput } from "../exchange/shared-output.js";
import type { Session } from "./session.js";

/** What an encoder makes of an item; shared where others get the same. */
export type Encoded = readonly Uint8Array[] | SharedOutput;

/** How one kind of session looks on the wire. */
export interface ReadEncoder {
  encode(item: ReadItem, reconnectAdvised: boolean): Encoded | Promise<Encoded>;
  /** Last bytes of a clean end. */
  end(): Uint8Array | undefined;
  /** Last bytes of a failed session. */
  fail(error: S2Error): Uint8Array;
}

/** The side of the connection that the session writes to; an exchange or a WebSocket. */
export interface ReadChannel {
  readonly isGone: boolean;
  onClose(listener: () => void): void;
  /** Parts may lie in lent buffers: who keeps them beyond the call holds those. */
  write(parts: readonly Uint8Array[]): boolean;
  writeShared(output: SharedOutput): boolean;
  whenWritable(): Promise<void>;
  end(last?: Uint8Array): void;
}

export interface ReadSessionComponents {
  readonly channel: ReadChannel;
  readonly reader: Reader;
  readonly encoder: ReadEncoder;
  readonly isAdvising: boolean;
  /** A failure that is a bug here. */
  onUnexpected(error: unknown): void;
  /** The client is told a failure: the session is over. */
  onFailed(error: S2Error): void;
}

export interface ReadSession extends Session {
  /** Runs to the end of the session; never rejects. */
  run(): Promise<void>;
}

export function createReadSession(components: ReadSessionComponents): ReadSession {
  return new StreamingRead(components);
}

/**
 * What a session waits for:
 *
 * ```
 *   item <--> pumping <--> client      pumping ---- the end, a failure ----> over
 * ```
 */
type Waiting =
  /** The reader tells when it has something. */
  | "item"
  /** Items are being taken, encoded and written, in this turn. */
  | "pumping"
  /** The client has no room, or an item is being encoded. */
  | "client"
  | "over";

class StreamingRead implements ReadSession {
  private readonly components: ReadSessionComponents;
  private readonly over = deferred<void>();
  private waiting: Waiting = "item";
  private isAdvising: boolean;
  private termination: S2Error | undefined = undefined;

  constructor(components: ReadSessionComponents) {
    this.components = components;
    this.isAdvising = components.isAdvising;
  }

  run(): Promise<void> {
    const { channel, reader } = this.components;
    reader.onReady = this.onReady;
    channel.onClose(() => reader.stop());
    this.onReady();
    return this.over.promise;
  }

  advise(): void {
    this.isAdvising = true;
    this.components.reader.nudge();
  }

  terminate(error: S2Error): void {
    this.termination = error;
    this.components.reader.stop();
  }

  private readonly onReady = (): void => {
    if (this.waiting === "item") this.pump();
  };

  private readonly onRoom = (): void => {
    if (this.waiting === "client") this.pump();
  };

  private pump(): void {
    this.waiting = "pumping";
    try {
      while (this.waiting === "pumping") this.step();
    } catch (error) {
      this.fail(error);
    }
  }

  private step(): void {
    const { channel, reader, encoder } = this.components;
    const item = reader.poll();
    if (item === NOT_YET) this.waiting = "item";
    else if (item === undefined || channel.isGone) this.end();
    else {
      const encoded = encoder.encode(item, this.isAdvising);
      if (encoded instanceof Promise) this.writeLater(encoded);
      else this.write(encoded);
    }
  }

  private writeLater(encoded: Promise<Encoded>): void {
    this.waiting = "client";
    encoded.then(
      (whole) => {
        this.waiting = "pumping";
        this.write(whole);
        if (this.waiting === "pumping") this.pump();
      },
      (error: unknown) => this.fail(error),
    );
  }

  private write(encoded: Encoded): void {
    const { channel, reader } = this.components;
    // What was read before the end of a token does not leave after it.
    if (this.termination !== undefined) return this.end();
    const hasRoom =
      encoded instanceof SharedOutput ? channel.writeShared(encoded) : channel.write(encoded);
    if (hasRoom) return;
    this.waiting = "client";
    reader.rest();
    void channel.whenWritable().then(this.onRoom);
  }

  private end(): void {
    const { termination } = this;
    if (termination === undefined) this.finish(this.components.encoder.end());
    else this.tell(termination);
  }

  private fail(caught: unknown): void {
    const error = S2Error.from(caught);
    if (error.code === "INTERNAL_ERROR") this.components.onUnexpected(caught);
    this.tell(error);
  }

  private tell(error: S2Error): void {
    if (this.waiting !== "over") this.components.onFailed(error);
    this.finish(this.components.encoder.fail(error));
  }

  private finish(last: Uint8Array | undefined): void {
    if (this.waiting === "over") return;
    this.waiting = "over";
    const { channel, reader } = this.components;
    reader.onReady = undefined;
    channel.end(last);
    reader.close();
    this.over.resolve();
  }
}
