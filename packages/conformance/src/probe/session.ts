// An S2S session of any carrier, as cases see it: frames in, frames out, and how it ended. A
// refusal looks alike whether it came as a status or as the first frame of a WebSocket.

import { type Frame, type Terminal, takeFrames, terminalOf } from "../codec/frame.js";
import { type Ack, type Batch, decodeAck, decodeBatch } from "../codec/messages.js";
import { Mismatch, show } from "../expect.js";
import { type Exchange, textOf } from "./exchange.js";
import { Inbox } from "./inbox.js";
import { type Target, within } from "./target.js";

export interface Refusal {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- cases look into whatever came
  readonly json: any;
}

export interface Session {
  /** Tells of every frame that comes. */
  observe(observer: (frame: Frame) => void): void;
  /** Undefined when a session began. */
  readonly refusal: Refusal | undefined;
  readonly headers: Readonly<Record<string, string>>;
  send(...frames: readonly Uint8Array[]): void;
  /** No more will be sent. */
  half(): void;
  /** Cuts the connection. */
  destroy(): void;
  next(ms?: number): Promise<Frame | undefined>;
  rest(ms?: number): Promise<Frame[]>;
  ack(): Promise<Ack>;
  batch(ms?: number): Promise<Batch>;
  /** The next frame must be the last. */
  terminal(ms?: number): Promise<Terminal>;
  /** Close code of a WebSocket, once it is closed. */
  closeCode(): number | undefined;
}

/** What carriers give to {@link createSession}. */
export interface Carrier {
  readonly refusal: Refusal | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly frames: Inbox<Frame>;
  send(bytes: Uint8Array): void;
  half(): void;
  destroy(): void;
  closeCode(): number | undefined;
}

export function createSession(target: Target, carrier: Carrier): Session {
  const next = (ms?: number): Promise<Frame | undefined> =>
    carrier.frames.next(target, "frame of a session", ms);
  const message = async (what: string, ms?: number): Promise<Buffer> => {
    const frame = await next(ms);
    if (frame === undefined) throw new Mismatch(`expected ${what}, the session ended`);
    if (frame.isTerminal)
      throw new Mismatch(`expected ${what}, got the terminal frame ${show(terminalOf(frame))}`);
    return frame.message;
  };
  return {
    observe: (observer) => carrier.frames.observe(observer),
    refusal: carrier.refusal,
    headers: carrier.headers,
    send: (...frames) => carrier.send(Buffer.concat(frames)),
    half: () => carrier.half(),
    destroy: () => carrier.destroy(),
    next,
    rest: (ms) => carrier.frames.rest(target, "end of a session", ms),
    ack: async () => decodeAck(await message("an acknowledgement")),
    batch: async (ms) => decodeBatch(await message("a batch", ms)),
    async terminal(ms) {
      const frame = await next(ms);
      if (frame === undefined) throw new Mismatch("expected a terminal frame, the session ended");
      if (!frame.isTerminal)
        throw new Mismatch(`expected a terminal frame, got ${frame.body.toString("hex")}`);
      const end = await next(ms);
      if (end !== undefined) throw new Mismatch("a frame follows the terminal frame");
      return terminalOf(frame);
    },
    closeCode: () => carrier.closeCode(),
  };
}

/** Frames of an answer that goes on; an answer that is an error is read whole. */
export async function sessionOver(target: Target, exchange: Exchange): Promise<Session> {
  const frames = new Inbox<Frame>();
  let refusal: Refusal | undefined;
  if (exchange.status === 200) pump(exchange, frames);
  else {
    const text = await within(target, textOf(exchange.source), "body of a refusal");
    refusal = { status: exchange.status, json: parsed(text) };
    exchange.half();
    frames.end();
  }
  return createSession(target, {
    refusal,
    headers: exchange.headers,
    frames,
    send: (bytes) => exchange.write(bytes),
    half: () => exchange.half(),
    destroy: () => exchange.destroy(),
    closeCode: () => undefined,
  });
}

function pump({ source }: Exchange, frames: Inbox<Frame>): void {
  let held: Buffer = Buffer.alloc(0);
  source.on("data", (chunk: Buffer) => {
    try {
      const taken = takeFrames(Buffer.concat([held, chunk]));
      held = taken.rest;
      for (const frame of taken.frames) frames.push(frame);
    } catch (error) {
      frames.fail(new Mismatch(`the server sent what is no frame: ${String(error)}`));
    }
  });
  source.on("end", () => {
    if (held.length > 0) frames.fail(new Mismatch("the answer ends within a frame"));
    frames.end();
  });
  source.on("error", (error) => frames.fail(error));
  source.on("close", () => frames.end());
  // It may have been paused by a case.
  source.resume();
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
