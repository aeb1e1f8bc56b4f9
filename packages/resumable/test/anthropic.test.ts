// Chats of the Anthropic SDK: the SDK itself over a server that speaks its API, our routes on a real port, our client.

import type { RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import { describe, expect, it } from "vitest";
import {
  MessageFailedError,
  type SubscribeOptions,
  subscribe,
} from "../src/anthropic/client/index.js";
import { createResumableChat, type ResumableChat } from "../src/anthropic/index.js";
import { ScriptedApi } from "./harness/anthropic-api.js";
import { forgetful } from "./harness/forgetful.js";
import { type Site, serveSite } from "./harness/site.js";
import { basinOf, startServer } from "./harness/world.js";

const LEASE_MS = 600;

const chatOf = (url: string, more: object = {}): ResumableChat =>
  createResumableChat({ basin: basinOf(url), leaseDurationMs: LEASE_MS, ...more });

/** `POST /c` begins a turn, `GET /c` reads it, `POST /c/stop` stops it. */
function serve(chat: ResumableChat, api: ScriptedApi): Promise<Site> {
  return serveSite(async (request) => {
    const { pathname } = new URL(request.url);
    const [, chatId = "", verb] = pathname.split("/");
    if (request.method === "GET") return chat.replay(chatId, request);
    if (verb === "stop") return Response.json(await chat.stop(chatId));
    const delivery = verb === "begin" ? "replay" : "response";
    return chat.makeResumable(chatId, () => api.stream(), { delivery });
  });
}

const read = (site: Site, more: Partial<SubscribeOptions> = {}) =>
  subscribe<RawMessageStreamEvent>({
    url: `${site.url}/c`,
    reconnectBackoffMs: [0, 20],
    ...more,
  });

async function begin(site: Site): Promise<number> {
  const response = await fetch(`${site.url}/c/begin`, { method: "POST" });
  expect(response.status).toBe(202);
  return ((await response.json()) as { from: number }).from;
}

const deltaOf = (event: RawMessageStreamEvent): string =>
  event.type === "content_block_delta" && event.delta.type === "text_delta" ? event.delta.text : "";

async function textOf(events: AsyncIterable<RawMessageStreamEvent>): Promise<string> {
  let text = "";
  for await (const event of events) text += deltaOf(event);
  return text;
}

describe("a turn of the Anthropic SDK", () => {
  it("has each event once, as the API names it, for who begins and who resumes", async () => {
    const api = await new ScriptedApi().start();
    const site = await serve(chatOf(await startServer()), api);
    const begun = await fetch(`${site.url}/c`, { method: "POST" });
    expect(begun.headers.get("content-type")).toBe("text/event-stream");
    const resumed = textOf(read(site));
    api.say("Beca", "use", ".");
    const events = (await begun.text()).trim().split("\n\n");
    const heads = events.map((event) => /^id: (\d+)\nevent: (\w+)\ndata: \{/.exec(event) ?? []);
    expect(heads.map(([, , type]) => type)).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    const places = heads.map(([, place]) => Number(place));
    expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
    expect(await resumed).toBe("Because");
    expect(api.asked).toBe(1);
    expect((await fetch(`${site.url}/c`)).status).toBe(204);
  });

  it("is read to its end through cuts, each event once, and by who comes late", async () => {
    const api = await new ScriptedApi().start();
    const site = await serve(chatOf(await startServer()), api);
    const from = await begin(site);
    const words = Array.from({ length: 30 }, (_, i) => `${i} `);
    let text = "";
    let said = 0;
    api.say(words[said++] ?? "");
    for await (const event of read(site, { from })) {
      text += deltaOf(event);
      if (deltaOf(event) === "") continue;
      if (said % 7 === 3) site.cut();
      if (said <= words.length) api.say(words[said++] ?? ".");
    }
    expect(text).toBe(words.join(""));
    expect(site.asked.filter((asked) => asked.startsWith("GET")).length).toBeGreaterThan(4);
    // Its place finds it when nothing runs any more.
    expect(await textOf(read(site, { from }))).toBe(words.join(""));
    expect(await textOf(read(site))).toBe("");
  });

  it("is resumed from where a page was, by its place or by the browser's own header", async () => {
    const api = await new ScriptedApi().start();
    const site = await serve(chatOf(await startServer()), api);
    const from = await begin(site);
    api.say("one ", "two ", "three");
    let place = -1;
    for await (const event of read(site, { from, onPlace: (next) => (place = next) }))
      if (deltaOf(event) === "two ") break;
    const header = fetch(`${site.url}/c`, { headers: { "last-event-id": String(place) } });
    const rest = textOf(read(site, { from: place }));
    api.say(".");
    expect(await rest).toBe("three");
    expect(await (await header).text()).not.toContain("two ");
  });

  it("alone is read by who resumes, also behind a turn before it", async () => {
    const api = await new ScriptedApi().start();
    const site = await serve(chatOf(await startServer()), api);
    api.say("first", ".");
    const first = await begin(site);
    expect(await textOf(read(site, { from: first }))).toBe("first");
    api.say("second");
    const second = await begin(site);
    expect((await fetch(`${site.url}/c/begin`, { method: "POST" })).status).toBe(409);
    expect(second).toBeGreaterThan(first);
    const readers = [read(site), read(site, { from: second })].map(textOf);
    expect(await textOf(read(site, { from: first }))).toBe("first");
    api.say(".");
    expect(await Promise.all(readers)).toEqual(["second", "second"]);
  });

  it("ends when it is stopped, and its request to the model with it", async () => {
    const url = await startServer();
    const api = await new ScriptedApi().start();
    const site = await serve(chatOf(url), api);
    const reader = textOf(read(site, { from: await begin(site) }));
    api.say("so far");
    const seen = read(site);
    for await (const event of seen) if (deltaOf(event) === "so far") break;
    expect(await chatOf(url).stop("c")).toBe(true);
    expect(await reader).toBe("so far");
    await expect.poll(() => api.aborted, { timeout: 4 * LEASE_MS }).toBe(1);
    expect(await chatOf(url).stop("c")).toBe(false);
  });

  it("that a generator passes on ends by its signal, while its model is silent", async () => {
    const api = await new ScriptedApi().start();
    const chat = chatOf(await startServer());
    const places: number[] = [];
    await chat.makeResumable(
      "c",
      async function* ({ from, signal }) {
        places.push(from);
        yield* api.stream({ signal });
      },
      { delivery: "replay" },
    );
    await expect.poll(() => api.asked).toBe(1);
    expect(await chat.stop("c")).toBe(true);
    await expect.poll(() => api.aborted, { timeout: 4 * LEASE_MS }).toBe(1);
    expect(places).toEqual([0]);
  });

  it("that fails says so, and not why; the next one can begin", async () => {
    const told: unknown[] = [];
    const url = await startServer();
    const api = await new ScriptedApi().start();
    const chat = chatOf(url, { onError: (error: unknown) => told.push(error) });
    const site = await serve(chat, api);
    api.say("half", "!");
    const from = await begin(site);
    const error: unknown = await textOf(read(site, { from })).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MessageFailedError);
    expect(String(error)).toContain("An error occurred.");
    expect(String(told)).toContain("secret of the provider");
    const { records } = await basinOf(url)
      .stream("c")
      .read({ start: { from: { seqNum: 0 } } });
    expect(JSON.stringify(records)).not.toContain("secret");
    api.say("again", ".");
    expect(await textOf(read(site, { from: await begin(site) }))).toBe("again");
  });

  it("of a producer that died ends for who reads, and gives way to the next", async () => {
    const url = await startServer();
    const api = await new ScriptedApi().start();
    const site = await serve(chatOf(url), api);
    await basinOf(url).streams.create({ stream: "c" });
    await basinOf(url).stream("c").fence("session-of-the-dead", { matchSeqNum: 0 });
    await expect(textOf(read(site))).rejects.toThrow("An error occurred.");
    await expect(textOf(read(site, { from: 0 }))).rejects.toThrow("An error occurred.");
    api.say("alive", ".");
    expect(await textOf(read(site, { from: await begin(site) }))).toBe("alive");
  });

  it("is written once over acknowledgements that are lost", async () => {
    const url = await startServer();
    const { fetch: half, lost } = forgetful();
    const api = await new ScriptedApi().start();
    const site = await serve(chatOf(url, { basin: basinOf(url, { fetch: half }) }), api);
    const from = await begin(site);
    const reader = textOf(read(site, { from }));
    for (const word of ["a", "b", "c", "."]) {
      api.say(word);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(await reader).toBe("abc");
    expect(lost.length).toBeGreaterThan(2);
  });
});

describe("a place that is none", () => {
  it("is refused with what is wrong", async () => {
    const url = await startServer();
    const chat = chatOf(url);
    const ask = (from: string): Promise<Response> =>
      chat.replay("c", new Request(`http://site/c?from=${from}`));
    for (const from of ["x", "-1", "1.5", "99999999999999999"])
      expect((await ask(from)).status).toBe(400);
    expect((await ask("7")).status).toBe(204);
    const stream = basinOf(url).stream("c");
    await basinOf(url).streams.create({ stream: "c" });
    await stream.append({ records: [{ body: "{}" }, { body: "{}" }, { body: "{}" }] });
    await stream.trim(2);
    expect((await ask("1")).status).toBe(410);
    await expect.poll(async () => (await ask("1")).status).toBe(410);
  });
});

describe("a page that subscribes", () => {
  it("waits through an outage as it is told, and ends for an answer that is final", async () => {
    const answers = [503, 429, 408, 500, 401];
    const { url, asked } = await serveSite(
      () => new Response("no", { status: answers.shift() ?? 0 }),
    );
    await expect(textOf(subscribe({ url, reconnectBackoffMs: [1] }))).rejects.toMatchObject({
      name: "SubscribeError",
      status: 401,
    });
    expect(asked).toHaveLength(5);
    const page = await serveSite(() => new Response("<html>", { status: 200 }));
    await expect(textOf(subscribe({ url: page.url }))).rejects.toMatchObject({ status: 200 });
  });

  it("sends what it is given, and gives its connection back when it leaves", async () => {
    const seen: string[] = [];
    let isCancelled = false;
    const { url } = await serveSite((request) => {
      seen.push(`${request.headers.get("authorization")} ${new URL(request.url).search}`);
      const body = new ReadableStream({
        start: (controller) =>
          controller.enqueue(new TextEncoder().encode('id: 8\ndata: {"type":"ping"}\n\n')),
        cancel: () => void (isCancelled = true),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    });
    const headers = { authorization: "Bearer page" };
    for await (const event of subscribe({ url: `${url}?a=b`, from: 7, headers }))
      if (event.type === "ping") break;
    expect(seen).toEqual(["Bearer page ?a=b&from=7"]);
    await expect.poll(() => isCancelled).toBe(true);
    const aborting = new AbortController();
    const left = textOf(subscribe({ url, signal: aborting.signal }));
    aborting.abort();
    expect(await left).toBe("");
  });
});
