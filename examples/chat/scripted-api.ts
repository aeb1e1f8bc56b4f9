// A server that speaks the API of Anthropic's messages and says a few sentences about the question, piece by piece: what
// the chat talks to when there is no key.

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** @param pieceMs - how long it thinks about each piece of a word */
export async function startScriptedApi(pieceMs: number): Promise<string> {
  const server = createServer(async (request, response) => {
    const { messages } = JSON.parse(await text(request)) as Asked;
    response.on("error", () => undefined);
    await answer(response, messages, pieceMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answer(
  response: ServerResponse,
  messages: Asked["messages"],
  pieceMs: number,
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
    await sleep(pieceMs);
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
