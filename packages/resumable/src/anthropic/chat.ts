// Routes for chats of the Anthropic SDK: a turn is a generation, of one message or of several with
// their tools, and the turns of a chat follow each other in its stream.

import type { S2Stream } from "@s2kit/client";
import { anotherRuns, ERROR_TEXT, nothingRuns } from "../events/events-response.js";
import { isPlace, noPlace, placeGone, placeIn } from "../events/places.js";
import type { GenerationsComponents } from "../generation/components.js";
import { Generations } from "../generation/generations.js";
import { WHOLE } from "../generation/produce.js";
import { errorEvent, messageResponse } from "./events.js";

/** How the routes of chats work. */
export interface ResumableChatComponents extends GenerationsComponents {
  /** Keeps the program alive until a promise settles. Default: nobody suspends it. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** What pages are told of a model that failed. Default: that an error occurred. */
  readonly errorTextOf?: ((error: unknown) => string) | undefined;
}

/** An event of a message as the SDK gives them (`RawMessageStreamEvent`). */
export interface MessageEvent {
  readonly type: string;
}

/** A turn that has been begun. */
export interface Turn {
  /** Finds it for good, also when it is over: what to keep beside the question. */
  readonly from: number;
  /** Aborts when it is stopped or taken over. */
  readonly signal: AbortSignal;
}

/** How a turn is answered. */
export interface TurnOptions {
  /**
   * `response` (default): with its events. `replay`: with 202 and `{"from": …}` at once, which
   * whoever wants the events asks for.
   */
  readonly delivery?: "replay" | "response" | undefined;
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a lease that is none */
export function createResumableChat(components: ResumableChatComponents): ResumableChat {
  return new ResumableChat(components);
}

/** The three routes of chats. Its members may be taken apart. */
export class ResumableChat {
  readonly #generations: Generations;
  readonly #waitUntil: ResumableChatComponents["waitUntil"];

  /** @internal */
  constructor(components: ResumableChatComponents) {
    this.#waitUntil = components.waitUntil;
    this.#generations = new Generations(components, {
      ofFailure: (error) => errorEvent(components.errorTextOf?.(error) ?? ERROR_TEXT),
    });
  }

  /**
   * Begins a turn. It goes on when the page has left.
   *
   * @param makeStream - called once the turn is ours, such as `() => anthropic.messages.stream(…)`;
   *   it is ended by its iterator's `return()`, which aborts the request of the SDK's streams; a
   *   generator around one is ended by the signal alone, which goes to the SDK
   * @returns 200 and events, or 202; 409 while another turn of this chat runs
   */
  readonly makeResumable = async (
    chatId: string,
    makeStream: (turn: Turn) => AsyncIterable<MessageEvent>,
    { delivery = "response" }: TurnOptions = {},
  ): Promise<Response> => {
    const stream = this.#generations.streamOf(chatId);
    const writer = await this.#generations.claimNext(stream);
    if (writer === undefined) return anotherRuns();
    const source = (): ReadableStream<string> => jsonOf(makeStream, writer.beginning);
    const produced = this.#generations.produce(chatId, writer, source, WHOLE);
    this.#waitUntil?.(produced);
    // A turn may be over before the page asks for it: only by its place is it found then.
    if (delivery === "replay") return Response.json({ from: writer.beginning }, { status: 202 });
    return this.#eventsFrom(stream, writer.beginning);
  };

  /**
   * The turn that runs, from its beginning; or the rest of the turn that a place is in, also when
   * it is over.
   *
   * @param source - where to go on: `?from=`, else `Last-Event-ID`; default the beginning
   * @returns 200 and events; 204 when there is nothing (more); 400 for a place that is none; 410
   *   when what was there has been removed
   */
  readonly replay = async (
    chatId: string,
    source: Request | { readonly from?: number | undefined } = {},
  ): Promise<Response> => {
    const stream = this.#generations.streamOf(chatId);
    const from = source instanceof Request ? placeIn(source) : source.from;
    if (from === undefined) {
      const beginning = await this.#generations.beginningOf(stream);
      if (beginning === undefined) return nothingRuns();
      return this.#eventsFrom(stream, beginning);
    }
    if (!isPlace(from)) return noPlace();
    const rest = await this.#generations.restOf(stream, from);
    if (rest === "none") return nothingRuns();
    if (rest === "some") return this.#eventsFrom(stream, from);
    return placeGone();
  };

  /**
   * Ends the turn that runs for all who read it, and aborts its model, wherever that runs.
   *
   * @returns false when there was none
   */
  readonly stop = (chatId: string): Promise<boolean> =>
    this.#generations.stop(this.#generations.streamOf(chatId));

  #eventsFrom(stream: S2Stream, from: number): Response {
    return messageResponse((left) => this.#generations.follow(stream, from, left));
  }
}

/** Reads no further than it is read. */
function jsonOf(
  makeStream: (turn: Turn) => AsyncIterable<MessageEvent>,
  from: number,
): ReadableStream<string> {
  const givingUp = new AbortController();
  const events = makeStream({ from, signal: givingUp.signal });
  const iterator = events[Symbol.asyncIterator]();
  return new ReadableStream<string>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(JSON.stringify(value));
      },
      async cancel(reason) {
        // First: a generator takes no return while it waits.
        givingUp.abort(reason);
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
