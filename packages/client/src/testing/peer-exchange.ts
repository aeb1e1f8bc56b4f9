// One request at a scripted peer, with the words of the protocol: inputs, acknowledgements,
// batches, terminal frames, and every way to break off. Nothing happens unless the script says so.

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import {
  type AppendAck,
  type AppendInput,
  createFrameDecoder,
  decodeAppendInput,
  encodeAppendAck,
  encodeMessageFrame,
  encodeReadBatch,
  encodeTerminalFrame,
  Fifo,
  type Frame,
  type FrameCodec,
  MAX_FRAME_BODY_BYTES,
  type MessageFrameOptions,
  type ReadBatch,
} from "@s2kit/core";

/** The reply side of a request, however it travels. */
export interface PeerReply {
  head(status: number, headers: OutgoingHttpHeaders): void;
  write(chunk: Uint8Array): void;
  /** Resolves when the write buffer is below its mark. */
  drained(): Promise<void>;
  end(): void;
  reset(code: number): void;
  goaway(code: number, lastStreamId?: number): void;
  cutConnection(): void;
}

/** The head of a request to a scripted peer. */
export interface PeerRequestHead {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

const RST_CANCEL = 8;

/** One request to a scripted peer, and the reply that a script makes. */
export class PeerExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Resolves when the client has ended, reset or lost its side. */
  readonly closed: Promise<void>;
  readonly #source: Readable;
  readonly #reply: PeerReply;
  readonly #decoder = createFrameDecoder();
  readonly #frames = new Fifo<Frame>();
  #reading: AsyncIterator<Buffer> | undefined;
  #nextSeqNum = 0;

  constructor(head: PeerRequestHead, source: Readable, reply: PeerReply) {
    this.method = head.method;
    this.path = head.path;
    this.headers = head.headers;
    this.#source = source;
    this.#reply = reply;
    source.on("error", () => undefined);
    this.closed = new Promise((resolve) => source.once("close", () => resolve()));
  }

  /** The whole request body. */
  async body(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#source) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  /** A whole reply. */
  respond(status: number, body: string | Uint8Array = "", headers: OutgoingHttpHeaders = {}): void {
    this.#reply.head(status, { "content-type": "application/json", ...headers });
    this.send(typeof body === "string" ? Buffer.from(body) : body);
    this.end();
  }

  /** A whole reply with JSON. */
  json(status: number, body: unknown, headers: OutgoingHttpHeaders = {}): void {
    this.respond(status, JSON.stringify(body), headers);
  }

  /** Begins a streaming reply. */
  open(headers: OutgoingHttpHeaders = { "content-type": "s2s/proto" }, status = 200): void {
    this.#reply.head(status, headers);
  }

  /**
   * The next input of an append session; undefined when the client ended its side.
   *
   * @param codec - for clients that compress
   */
  async nextInput(codec?: FrameCodec): Promise<AppendInput | undefined> {
    const frame = await this.#nextFrame();
    if (frame?.kind !== "message") return undefined;
    const { compression, body } = frame;
    if (compression === "none") return decodeAppendInput(body);
    if (codec === undefined) throw new Error("compressed input, and no codec was given");
    return decodeAppendInput(await codec.decompress(compression, body, MAX_FRAME_BODY_BYTES));
  }

  async #nextFrame(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      this.#reading ??= this.#source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      const { done, value } = await this.#reading.next();
      if (done === true) return undefined;
      this.#decoder.push(value);
      for (let next = this.#decoder.next(); next !== undefined; next = this.#decoder.next())
        this.#frames.push(next.kind === "message" ? { ...next, body: next.body.slice() } : next);
    }
  }

  /** Acknowledges this many records behind the last acknowledged ones. */
  ack(count: number, options: MessageFrameOptions & { readonly startSeqNum?: number } = {}): void {
    const start = options.startSeqNum ?? this.#nextSeqNum;
    this.#nextSeqNum = start + count;
    const at = (seqNum: number): AppendAck["start"] => ({ seqNum, timestamp: 1 });
    this.ackExactly({ start: at(start), end: at(start + count), tail: at(start + count) }, options);
  }

  ackExactly(ack: AppendAck, options: MessageFrameOptions = {}): void {
    this.send(encodeMessageFrame(encodeAppendAck(ack), options));
  }

  /** Sends a batch of a read session. */
  batch(batch: ReadBatch, options: MessageFrameOptions = {}): void {
    this.send(encodeMessageFrame(encodeReadBatch(batch), options));
  }

  /** Sends small text records with these seqNums, and the tail if given. */
  records(seqNums: readonly number[], tail?: number, options: MessageFrameOptions = {}): void {
    const records = seqNums.map((seqNum) => ({
      seqNum,
      timestamp: seqNum,
      headers: [],
      body: Buffer.from(`r${seqNum}`),
    }));
    this.batch(
      tail === undefined ? { records } : { records, tail: { seqNum: tail, timestamp: tail } },
      options,
    );
  }

  /** Sends a terminal frame; the reply stays open until {@link end}. */
  terminal(status: number, body: unknown): void {
    this.send(encodeTerminalFrame(status, JSON.stringify(body)));
  }

  /** Sends raw bytes. */
  send(chunk: Uint8Array | string): void {
    this.#reply.write(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  }

  /** Waits until the client has taken what was sent, as far as the network can tell. */
  drained(): Promise<void> {
    return this.#reply.drained();
  }

  /** Ends the reply properly. */
  end(): void {
    this.#reply.end();
  }

  /** Resets the stream; over HTTP/1.1, the connection. The code counts only before {@link open}. */
  reset(code: number = RST_CANCEL): void {
    this.#reply.reset(code);
  }

  goaway(code = 0, lastStreamId?: number): void {
    this.#reply.goaway(code, lastStreamId);
  }

  /** Cuts the connection without a word. */
  cutConnection(): void {
    this.#reply.cutConnection();
  }
}
