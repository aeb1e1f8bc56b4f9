// A server that speaks the API of Anthropic's messages, and says what a test tells it to: what the SDK itself talks to.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";

const open: (() => void)[] = [];
export function closeApis(): void {
  for (const close of open.splice(0)) close();
}

export class ScriptedApi {
  /** How many messages were asked for. */
  asked = 0;
  /** How many were left before their end. */
  aborted = 0;
  #client: Anthropic | undefined;
  #words: string[] = [];
  #wake = (): void => undefined;
  #isHeld = true;

  /** What it says; `"."` ends the message, `"!"` fails it. */
  say(...words: readonly string[]): void {
    this.#words.push(...words);
    this.#wake();
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      request.resume();
      void this.#answer(response);
    });
    open.push(() => {
      this.#isHeld = false;
      this.#wake();
      server.close();
      server.closeAllConnections();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    this.#client = new Anthropic({
      apiKey: "sk-secret",
      baseURL: `http://127.0.0.1:${port}`,
      maxRetries: 0,
    });
    return this;
  }

  stream = (
    options: { readonly signal?: AbortSignal } = {},
  ): ReturnType<Anthropic["messages"]["stream"]> => {
    if (this.#client === undefined) throw new Error("start it first");
    const messages = [{ role: "user", content: "why?" } as const];
    return this.#client.messages.stream({ model: "m", max_tokens: 100, messages }, options);
  };

  async #answer(response: ServerResponse): Promise<void> {
    this.asked++;
    let isOver = false;
    response.on("close", () => {
      if (!isOver) this.aborted++;
      this.#wake();
    });
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (event: { readonly type: string }): unknown =>
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [] };
    send({ type: "message_start", message: { ...message, usage } } as never);
    send({ type: "ping" });
    const block = { type: "text", text: "" };
    send({ type: "content_block_start", index: 0, content_block: block } as never);
    for await (const text of this.#said(response)) {
      if (text === "!") {
        isOver = true;
        const error = { type: "overloaded_error", message: "secret of the provider" };
        send({ type: "error", error } as never);
        return void response.end();
      }
      const delta = { type: "text_delta", text };
      send({ type: "content_block_delta", index: 0, delta } as never);
    }
    isOver = true;
    send({ type: "content_block_stop", index: 0 } as never);
    const delta = { stop_reason: "end_turn", stop_sequence: null };
    send({ type: "message_delta", delta, usage } as never);
    send({ type: "message_stop" });
    response.end();
  }

  async *#said(response: ServerResponse): AsyncGenerator<string> {
    while (this.#isHeld && !response.destroyed) {
      const word = this.#words.shift();
      if (word === ".") return;
      if (word === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else yield word;
    }
  }
}
