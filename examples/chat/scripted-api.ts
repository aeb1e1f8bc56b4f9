// A server that speaks the API of Anthropic's messages and says a few sentences about the question, piece by piece: what
// the chat talks to when there is no key.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

export interface ScriptedApi {
  readonly url: string;
  close(): void;
}

/** @param pause - what it waits for behind each piece of a word */
export async function startScriptedApi(pause: () => Promise<unknown>): Promise<ScriptedApi> {
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    const asked = text(request).then((body) => JSON.parse(body) as Asked);
    asked.then(({ messages }) => answer(response, messages, pause)).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  response: ServerResponse,
  messages: Asked["messages"],
  pause: () => Promise<unknown>,
): Promise<void> {
  const send = (event: { type: string; [field: string]: unknown }): unknown =>
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [] };
  response.writeHead(200, { "content-type": "text/event-stream" });
  send({ type: "message_start", message: { ...message, usage } });
  send({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
  for (const piece of answerTo(messages).split(/(?<=[^ ]{2})(?=[^ ])|(?<= )/)) {
    if (response.destroyed) return;
    send({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: piece } });
    await pause();
  }
  send({ type: "content_block_stop", index: 0 });
  const delta = { stop_reason: "end_turn", stop_sequence: null };
  send({ type: "message_delta", delta, usage });
  send({ type: "message_stop" });
  response.end();
}

function answerTo(messages: Asked["messages"]): string {
  const questions = messages.filter(({ role }) => role === "user");
  const question = questions.at(-1)?.content ?? "";
  return [
    `You asked “${question}”, which is question ${questions.length} of this chat.`,
    "I have no opinion on that, for I am a script, but every word of this goes into a stream before you see it.",
    "Reload this page in the middle of a word, open it in a second tab, or kill the process that serves it:",
    "what was said stays said, and what is still to come comes. That was all.",
  ].join(" ");
}
