// Routes for chats: a turn is a generation, and the turns of a chat follow each other in its
// stream. POST begins one, GET resumes the one that runs from its beginning, a third one stops it.

import type { S2Stream } from "@s2kit/client";
import { anotherRuns, ERROR_TEXT, nothingRuns } from "../events/events-response.js";
import type { GenerationsComponents } from "../generation/components.js";
import { Generations } from "../generation/generations.js";
import { WHOLE } from "../generation/produce.js";
import { chunksResponse, errorChunk } from "./events.js";

/** How the routes of chats work. */
export interface ResumableChatComponents extends GenerationsComponents {
  /** Keeps the program alive until a promise settles. Default: nobody suspends it. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** What pages are told of a model that failed. Default: that an error occurred. */
  readonly errorTextOf?: ((error: unknown) => string) | undefined;
}

/** A chunk of a message as the AI SDK makes them (`UIMessageChunk`). */
export interface ChatChunk {
  readonly type: string;
}

/** @throws {S2Error} `INVALID_ARGUMENT` for a lease that is none */
export function createResumableChat(components: ResumableChatComponents): ResumableChat {
  return new ResumableChat(components);
}

/** The three routes of chats. Its members may be taken apart. */
export class ResumableChat {
  readonly #generations: Generations;
  readonly #components: ResumableChatComponents;

  /** @internal */
  constructor(components: ResumableChatComponents) {
    this.#generations = new Generations(components, {
      ofFailure: (error) => errorChunk(components.errorTextOf?.(error) ?? ERROR_TEXT),
    });
    this.#components = components;
  }

  /**
   * Begins a turn, and answers with its events as they become durable. The turn goes on when the
   * page has left.
   *
   * @param makeStream - called once the turn is ours, such as `() => result.toUIMessageStream()`
   * @returns 200 and events; 409 while another turn of this chat runs
   */
  readonly makeResumable = async (
    chatId: string,
    makeStream: () => ReadableStream<ChatChunk>,
  ): Promise<Response> => {
    const stream = this.#generations.streamOf(chatId);
    const writer = await this.#generations.claimNext(stream);
    if (writer === undefined) return anotherRuns();
    const source = (): ReadableStream<string> => jsonOf(makeStream());
    const produced = this.#generations.produce(chatId, writer, source, WHOLE);
    this.#components.waitUntil?.(produced);
    return this.#eventsFrom(stream, writer.beginning);
  };

  /** The turn that runs, from its beginning: 200 and events; 204 when none does. */
  readonly replay = async (chatId: string): Promise<Response> => {
    const stream = this.#generations.streamOf(chatId);
    const from = await this.#generations.beginningOf(stream);
    if (from === undefined) return nothingRuns();
    return this.#eventsFrom(stream, from);
  };

  /**
   * Ends the turn that runs for all who read it, and cancels its model, wherever that runs.
   *
   * @returns false when there was none
   */
  readonly stop = (chatId: string): Promise<boolean> =>
    this.#generations.stop(this.#generations.streamOf(chatId));

  #eventsFrom(stream: S2Stream, from: number): Response {
    return chunksResponse((left) => this.#generations.follow(stream, from, left));
  }
}

function jsonOf(chunks: ReadableStream<ChatChunk>): ReadableStream<string> {
  return chunks.pipeThrough(
    new TransformStream<ChatChunk, string>({
      transform: (chunk, controller) => controller.enqueue(JSON.stringify(chunk)),
    }),
  );
}
