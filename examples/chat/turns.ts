// The turns of a chat: a list beside it, in a stream of its own. An entry is a question and the place of its turn, by
// which the answer is found in the stream of the chat, whether it is being said or was said long ago.

import type { RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import type { S2Basin } from "@s2kit/client";
import { subscribe } from "@s2kit/resumable/anthropic/client";

export interface Turn {
  readonly question: string;
  readonly from: number;
}

export class Turns {
  readonly #basin: S2Basin;

  constructor(basin: S2Basin) {
    this.#basin = basin;
  }

  async add(chatId: string, turn: Turn): Promise<void> {
    await this.#stream(chatId).append([{ body: JSON.stringify(turn) }]);
  }

  async list(chatId: string): Promise<Turn[]> {
    const turns: Turn[] = [];
    const stream = this.#stream(chatId);
    const { tail } = await stream.checkTail();
    if (tail.seqNum === 0) return turns;
    const start = { from: { seqNum: 0 } };
    const session = await stream.readSession({ start, stop: { limits: { count: tail.seqNum } } });
    for await (const { body } of session) turns.push(JSON.parse(body) as Turn);
    return turns;
  }

  /** As server-sent events, the coming ones too. */
  async events(chatId: string, request: Request): Promise<Response> {
    const seqNum = Number(request.headers.get("last-event-id") ?? 0);
    const session = await this.#stream(chatId).readSession({ start: { from: { seqNum } } });
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        for await (const record of session)
          controller.enqueue(encoder.encode(`id: ${record.seqNum + 1}\ndata: ${record.body}\n\n`));
      },
      cancel: () => session.cancel(),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  #stream(chatId: string) {
    return this.#basin.stream(`turns/${chatId}`);
  }
}

/** What was answered in a turn so far, or all of it: read as a page reads it. */
export async function answerOf(replay: (request: Request) => Promise<Response>, from: number) {
  let answer = "";
  try {
    const events = subscribe<RawMessageStreamEvent>({
      url: "http://chat/",
      from,
      fetch: (url) => replay(new Request(url)),
    });
    for await (const event of events)
      if (event.type === "content_block_delta" && event.delta.type === "text_delta")
        answer += event.delta.text;
  } catch {
    // The turn failed: what it said stays.
  }
  return answer;
}
