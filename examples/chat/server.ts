// A chat whose answers are generated into S2 streams, and read from there by every page that shows them.
//
//   node server.ts                      with a server of its own, in ./.s2kit
//   S2_ENDPOINT=http://… node server.ts
//
// PORT, S2_ENDPOINT, S2_ACCESS_TOKEN, ANTHROPIC_API_KEY, CHAT_MODEL, CHAT_LEASE_MS; all may be left out.

import { createServer as createSite, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import type { MessageParam } from "@anthropic-ai/sdk/resources/messages";
import { S2 } from "@s2kit/client";
import { createResumableChat, type Turn as RunningTurn } from "@s2kit/resumable/anthropic";
import { createServer } from "@s2kit/server-lite";
import { ask, isScripted } from "./model.ts";
import { fileOf } from "./page-files.ts";
import { answerOf, Turns } from "./turns.ts";

const {
  PORT = "3000",
  S2_ENDPOINT,
  S2_ACCESS_TOKEN = "none",
  CHAT_LEASE_MS = "5000",
} = process.env;

const endpoint = S2_ENDPOINT ?? (await ownServer());
const s2 = new S2({
  accessToken: S2_ACCESS_TOKEN,
  endpoints: { account: endpoint, basin: endpoint },
  // A server that restarts is waited for, and not a turn that failed.
  retry: { maxAttempts: 100 },
});
await s2.basins.ensure({
  basin: "example-chat",
  config: { createStreamOnAppend: true, createStreamOnRead: true },
});
const basin = s2.basin("example-chat");
const turns = new Turns(basin);
const chats = createResumableChat({
  basin,
  leaseDurationMs: Number(CHAT_LEASE_MS),
  streamOf: (chatId) => `chats/${chatId}`,
  onError: (error, chatId) => console.error(`chat ${chatId}:`, error),
});

async function ownServer(): Promise<string> {
  const storage = { kind: "disk", directory: `${import.meta.dirname}/.s2kit` } as const;
  return (await createServer({ port: 0, storage }).listen()).url;
}

/** The list first: what is in it is found again, whatever happens to the model and to us. */
async function* answer(chatId: string, question: string, { from, signal }: RunningTurn) {
  const messages: MessageParam[] = [];
  for (const turn of await turns.list(chatId)) {
    const said = await answerOf((request) => chats.replay(chatId, request), turn.from);
    messages.push({ role: "user", content: turn.question });
    messages.push({ role: "assistant", content: said === "" ? "(no answer)" : said });
  }
  messages.push({ role: "user", content: question });
  await turns.add(chatId, { question, from });
  yield* ask(messages, signal);
}

/** Who may see which chat would be decided here: this one knows nobody. */
async function route(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const [, room, chatId = "", verb] = pathname.split("/");
  if (room !== "chats") return fileOf(pathname);
  if (!/^[\w-]{1,64}$/.test(chatId)) return new Response("no such chat", { status: 404 });
  if (request.method === "GET")
    return verb === "turns" ? turns.events(chatId, request) : chats.replay(chatId, request);
  if (verb === "stop") return Response.json(await chats.stop(chatId));
  const question = (await request.text()).trim().slice(0, 4000);
  if (question === "") return new Response("a question is needed", { status: 400 });
  return chats.makeResumable(chatId, (turn) => answer(chatId, question, turn), {
    delivery: "replay",
  });
}

const site = createSite((incoming, outgoing) => void serve(incoming, outgoing));
site.listen(Number(PORT), "127.0.0.1", () => {
  const { port } = site.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}${isScripted ? "  (scripted: no ANTHROPIC_API_KEY)" : ""}`);
});

async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { method = "GET", url = "/", headers } = incoming;
  const body = method === "POST" ? { body: Readable.toWeb(incoming), duplex: "half" } : {};
  const request = new Request(`http://chat${url}`, {
    method,
    headers: headers as Record<string, string>,
    ...(body as RequestInit),
  });
  const response = await route(request).catch((error: unknown) => {
    console.error(error);
    return new Response("try again", { status: 503 });
  });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) return void outgoing.end();
  outgoing.flushHeaders();
  const readable = Readable.fromWeb(response.body as never);
  readable.on("error", () => outgoing.destroy());
  outgoing.on("close", () => readable.destroy());
  // Who asked may have left before there was an answer.
  if (outgoing.destroyed) readable.destroy();
  readable.pipe(outgoing);
}
