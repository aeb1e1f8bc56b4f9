// Chats of the AI SDK over routes on a real port: its own transport and reader on the page's side, its own streams
// on the model's.

import {
  createUIMessageStream,
  DefaultChatTransport,
  readUIMessageStream,
  type UIMessage,
  type UIMessageChunk,
} from "ai";
import { describe, expect, it } from "vitest";
import { createResumableChat, type ResumableChat } from "../src/aisdk/index.js";
import { serveSite } from "./harness/site.js";
import { basinOf, startServer } from "./harness/world.js";

const LEASE_MS = 600;

/** The routes that `useChat({ resume: true })` asks, with a model that follows a script. */
async function serve(
  chat: ResumableChat,
  script: () => ReadableStream<UIMessageChunk>,
): Promise<string> {
  const { url } = await serveSite(async (request) => {
    const [, , chatId = "", verb] = new URL(request.url).pathname.split("/");
    if (request.method === "GET") return chat.replay(chatId);
    if (verb === "stop") return Response.json(await chat.stop(chatId));
    const { id } = (await request.json()) as { id: string };
    return chat.makeResumable(id, script);
  });
  return `${url}/chat`;
}

/** A message of the model in parts, each when it is told to go on. */
function scripted(
  parts: readonly string[],
  goOn: () => Promise<unknown>,
): () => ReadableStream<UIMessageChunk> {
  return () =>
    createUIMessageStream({
      async execute({ writer }) {
        writer.write({ type: "start", messageId: "m1" });
        writer.write({ type: "text-start", id: "t" });
        for (const delta of parts) {
          writer.write({ type: "text-delta", id: "t", delta });
          await goOn();
        }
        writer.write({ type: "text-end", id: "t" });
        writer.write({ type: "finish" });
      },
    });
}

const QUESTION: UIMessage = { id: "q", role: "user", parts: [{ type: "text", text: "why?" }] };

function send(api: string, chatId: string): Promise<ReadableStream<UIMessageChunk>> {
  return new DefaultChatTransport({ api }).sendMessages({
    chatId,
    messages: [QUESTION],
    trigger: "submit-message",
    messageId: undefined,
    abortSignal: undefined,
  });
}

const resume = (api: string, chatId: string): Promise<ReadableStream<UIMessageChunk> | null> =>
  new DefaultChatTransport({ api }).reconnectToStream({ chatId });

/** The text of the message that the page shows in the end. */
async function shown(stream: ReadableStream<UIMessageChunk> | null): Promise<string> {
  let text = "";
  for await (const { parts } of readUIMessageStream({
    stream: stream ?? expect.fail("nothing runs"),
    terminateOnError: true,
  }))
    text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  return text;
}

function gate(): { open: () => void; readonly passed: () => Promise<void> } {
  let open = (): void => undefined;
  const whenOpen = new Promise<void>((resolve) => (open = resolve));
  return { open, passed: () => whenOpen };
}

async function chatOf(url?: string, more: object = {}): Promise<ResumableChat> {
  return createResumableChat({
    basin: basinOf(url ?? (await startServer())),
    leaseDurationMs: LEASE_MS,
    ...more,
  });
}

describe("a chat of the AI SDK", () => {
  it("shows all of a turn to a page that is loaded again in the middle of a word", async () => {
    const { open, passed } = gate();
    const api = await serve(await chatOf(), scripted(["Beca", "use."], passed));
    const first = await send(api, "c1");
    const reader = first.getReader();
    for (let read = 0; read < 3; read++) await reader.read();
    await reader.cancel();
    const again = await Promise.all([resume(api, "c1"), resume(api, "c1")]);
    open();
    expect(await Promise.all(again.map(shown))).toEqual(["Because.", "Because."]);
    await expect.poll(() => resume(api, "c1")).toBeNull();
  });

  it("has turn after turn, each alone while it runs", async () => {
    let current = gate();
    const words = ["One", "Two", "Three"];
    const api = await serve(await chatOf(), () =>
      scripted([words.shift() ?? "too many"], () => current.passed())(),
    );
    expect(await resume(api, "c1")).toBeNull();
    const first = await send(api, "c1");
    await expect(send(api, "c1")).rejects.toThrow("another turn");
    current.open();
    expect(await shown(first)).toBe("One");
    expect(await shown(await send(api, "c1"))).toBe("Two");
    // Who resumes a turn sees that one alone.
    current = gate();
    const third = [await send(api, "c1"), await resume(api, "c1")];
    current.open();
    expect(await Promise.all(third.map(shown))).toEqual(["Three", "Three"]);
    expect(words).toEqual([]);
  });

  it("tells a page that the model failed, and not why", async () => {
    const told: unknown[] = [];
    const chat = await chatOf(undefined, { onError: (error: unknown) => told.push(error) });
    const secret = new Error("key sk-secret is out of quota");
    const api = await serve(chat, () => new ReadableStream({ start: (c) => c.error(secret) }));
    const chunks: UIMessageChunk[] = [];
    for await (const chunk of await send(api, "c1")) chunks.push(chunk);
    expect(chunks).toEqual([{ type: "error", errorText: "An error occurred." }]);
    expect(told).toEqual([secret]);
    expect(await resume(api, "c1")).toBeNull();
  });

  it("shows chunks that no record can hold, to who resumes too", async () => {
    const { open, passed } = gate();
    const huge = `1${"é€😀".repeat(300_000)}`;
    const api = await serve(await chatOf(), scripted(["small ", huge], passed));
    const first = await send(api, "c1");
    const again = await resume(api, "c1");
    open();
    for (const text of await Promise.all([first, again].map(shown)))
      expect(text === `small ${huge}`).toBe(true);
  });

  it("fails a turn with a chunk that is beyond all bounds", async () => {
    const boundless = "x".repeat(16 * 1024 * 1024);
    const api = await serve(
      await chatOf(),
      scripted(["small ", boundless], () => Promise.resolve()),
    );
    const chunks: UIMessageChunk[] = [];
    for await (const chunk of await send(api, "c1")) chunks.push(chunk);
    expect(chunks.map(({ type }) => type)).toEqual(["start", "text-start", "text-delta", "error"]);
  });

  it("takes a turn over from a producer that is dead, before anybody has read of it", async () => {
    const url = await startServer();
    const dead = basinOf(url).stream("c1");
    await basinOf(url).streams.create({ stream: "c1" });
    await dead.fence("session-of-the-dead", { matchSeqNum: 0 });
    await dead.append({ records: [{ body: '{"type":"start"}' }] });
    const api = await serve(
      await chatOf(url),
      scripted(["Alive"], () => Promise.resolve()),
    );
    expect(await shown(await send(api, "c1"))).toBe("Alive");
    const { records } = await dead.read({ start: { from: { seqNum: 0 } } });
    expect(
      records.map(({ body }) => body.split("-")[0]).filter((body) => /^\w+$/.test(body ?? "")),
    ).toEqual(["session", "error", "session", "end"]);
  });

  it("tells who reads that a producer died, instead of keeping them", async () => {
    const url = await startServer();
    await basinOf(url).streams.create({ stream: "c1" });
    await basinOf(url).stream("c1").fence("session-of-the-dead", { matchSeqNum: 0 });
    const api = await serve(
      await chatOf(url),
      scripted([], () => Promise.resolve()),
    );
    const chunks: UIMessageChunk[] = [];
    for await (const chunk of (await resume(api, "c1")) ?? expect.fail("nothing runs"))
      chunks.push(chunk);
    expect(chunks).toEqual([{ type: "error", errorText: "An error occurred." }]);
  });

  it("is stopped from anywhere: the page sees the end, and the next turn can begin", async () => {
    const { open, passed } = gate();
    const api = await serve(await chatOf(), scripted(["Never ", "ending"], passed));
    const first = shown(await send(api, "c1"));
    const stopped = await fetch(`${api}/c1/stop`, { method: "POST" });
    expect(await stopped.json()).toBe(true);
    expect("Never ".startsWith(await first)).toBe(true);
    expect(await resume(api, "c1")).toBeNull();
    open();
    expect(await shown(await send(api, "c1"))).toBe("Never ending");
  });
});
