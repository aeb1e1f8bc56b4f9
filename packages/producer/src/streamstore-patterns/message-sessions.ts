// Typed messages as web streams over the sessions of the official face: what it calls serializing
// and deserializing sessions. Our writer and reader do the work. Spec: sdk#messages.

import {
  type AppendSession,
  OfficialAppendSession,
  OfficialReadSession,
  type ReadSession,
  S2Error,
} from "@s2kit/client/streamstore";
import type { MessageCodec } from "../patterns/codec.js";
import { readMessages } from "../patterns/message-reader.js";
import { MessageWriter } from "../patterns/message-writer.js";
import { messageError } from "./framing.js";

/** How messages are cut and numbered. */
export interface SerializingAppendSessionOptions {
  chunkSize?: number;
  matchSeqNum?: number;
  /** First number; without it records have none. */
  dedupeSeq?: number;
  /** Largest message. Default 100 MiB. */
  maxFrameBytes?: number;
}

/** Each chunk is a message; closing it closes the session. */
export class SerializingAppendSession<Message> extends WritableStream<Message> {
  readonly #writer: MessageWriter<Message>;

  /** @throws {S2Error} for a session that is none of this face, or an option out of range */
  constructor(
    session: AppendSession,
    serializer: (message: Message) => Uint8Array,
    options: SerializingAppendSessionOptions = {},
  ) {
    if (!(session instanceof OfficialAppendSession))
      throw new S2Error({ message: "the session must come from stream.appendSession()" });
    const { dedupeSeq, ...rest } = options;
    const writer = new MessageWriter<Message>(session.ours, writing(serializer), {
      ...rest,
      dedupe: dedupeSeq !== undefined,
      dedupeSeq,
    });
    super({
      async write(message, controller) {
        try {
          const ticket = await writer.submit(message);
          ticket.ack().catch((caught: unknown) => controller.error(messageError(caught)));
        } catch (caught) {
          throw messageError(caught);
        }
      },
      close: () => session.close(),
      abort: (reason) => session.ours.abort(reason),
    });
    this.#writer = writer;
  }

  /** Appends a message and waits until it is durable. */
  async submit(message: Message): Promise<{ start: number; end: number }> {
    try {
      const { start, end } = await this.#writer.write(message);
      return { start: start.seqNum, end: end.seqNum };
    } catch (caught) {
      throw messageError(caught);
    }
  }
}

/** How messages are put together. */
export interface DeserializingReadSessionOptions {
  /** Drops what a retry wrote twice. Default true. */
  enableDedupe?: boolean;
  /** Largest message that is believed. Default 100 MiB. */
  maxFrameBytes?: number;
}

/** The messages of a session, pulled one by one. */
export class DeserializingReadSession<Message> extends ReadableStream<Message> {
  /** @throws {S2Error} for a session that is none of this face */
  constructor(
    session: ReadSession<"bytes">,
    deserialize: (payload: Uint8Array) => Message,
    options: DeserializingReadSessionOptions = {},
  ) {
    if (!(session instanceof OfficialReadSession))
      throw new S2Error({ message: "the session must come from stream.readSession()" });
    const { enableDedupe, maxFrameBytes } = options;
    // From here on the records belong to this stream.
    session.getReader();
    const messages = readMessages(
      session.ours as OfficialReadSession<"bytes">["ours"],
      reading(deserialize),
      {
        dedupe: enableDedupe,
        maxFrameBytes,
        joinUnmarked: true,
      },
    );
    super(
      {
        async pull(controller) {
          try {
            const { done, value } = await messages.next();
            if (done === true) controller.close();
            else controller.enqueue(value.message);
          } catch (caught) {
            controller.error(messageError(caught));
          }
        },
        cancel: () => session.ours.cancel(),
      },
      { highWaterMark: 0 },
    );
  }
}

function writing<M>(encode: (message: M) => Uint8Array): MessageCodec<M> {
  return { encode, decode: oneWay };
}

function reading<M>(decode: (payload: Uint8Array) => M): MessageCodec<M> {
  return { encode: oneWay, decode };
}

function oneWay(): never {
  throw new S2Error({ message: "this session goes one way" });
}
