// A streaming read: pulls items from a reader, encodes them, writes them as fast as the client
// takes them. The encoding (S2S frames, SSE events) is an argument, the rules are the reader's.
// Spec: data-plane#sse, data-plane#read-session, data-plane#guarantees.

import { S2Error } from "@s2kit/core";
import type { Reader, ReadItem } from "../backend/read/reader.js";
import type { Session } from "./session.js";

/** How one kind of session looks on the wire. */
export interface ReadEncoder {
  encode(
    item: ReadItem,
    reconnectAdvised: boolean,
  ): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Last bytes of a clean end. */
  end(): Uint8Array | undefined;
  /** Last bytes of a failed session. */
  fail(error: S2Error): Uint8Array;
}

/** The side of the connection that the session writes to; an exchange or a WebSocket. */
export interface ReadChannel {
  readonly isGone: boolean;
  onClose(listener: () => void): void;
  write(parts: readonly Uint8Array[]): boolean;
  whenWritable(): Promise<void>;
  end(last?: Uint8Array): void;
}

export interface ReadSessionContext {
  readonly channel: ReadChannel;
  readonly reader: Reader;
  readonly encoder: ReadEncoder;
  readonly isAdvising: boolean;
  /** A failure that is a bug here. */
  onUnexpected(error: unknown): void;
}

export interface ReadSession extends Session {
  /** Runs to the end of the session; never rejects. */
  run(): Promise<void>;
}

export function createReadSession(context: ReadSessionContext): ReadSession {
  const { channel, reader, encoder } = context;
  let { isAdvising } = context;
  let termination: S2Error | undefined;

  const pump = async (): Promise<void> => {
    for (;;) {
      const item = await reader.next();
      if (item === undefined || channel.isGone) return;
      const parts = await encoder.encode(item, isAdvising);
      // What was read before the end of a token does not leave after it.
      if (termination !== undefined) return;
      const hasRoom = channel.write(parts);
      if (hasRoom) continue;
      reader.rest();
      await channel.whenWritable();
    }
  };
  return {
    async run() {
      channel.onClose(() => reader.close());
      try {
        await pump();
        channel.end(termination === undefined ? encoder.end() : encoder.fail(termination));
      } catch (caught) {
        const error = S2Error.from(caught);
        if (error.code === "INTERNAL_ERROR") context.onUnexpected(caught);
        channel.end(encoder.fail(error));
      } finally {
        reader.close();
      }
    },
    advise() {
      isAdvising = true;
      reader.nudge();
    },
    terminate(error) {
      termination = error;
      reader.close();
    },
  };
}
