// Runs of TanStack AI: its own responses on the server's side, its own connection and chat on the page's, over real ports.

import {
  EventType,
  resumeServerSentEventsResponse,
  type StreamChunk,
  type StreamDurability,
  toServerSentEventsResponse,
} from "@tanstack/ai";
import { ChatClient, fetchServerSentEvents } from "@tanstack/ai-client";
import { describe, expect, it } from "vitest";
import {
  createDurableRuns,
  type DurableRuns,
  type DurableRunsComponents,
} from "../src/tanstack-ai/index.js";
import { forgetful } from "./harness/forgetful.js";
import { type Site, serveSite } from "./harness/site.js";
import { basinOf, startServer } from "./harness/world.js";

const LEASE_MS = 600;

/** Says words when it is told to, and knows whether it was ended. */
class Agent {
  asked = 0;
  isEnded = false;
  #words: string[] = [];
  #wake = (): void => undefined;

  say(...words: readonly string[]): void {
    this.#words.push(...words);
    this.#wake();
  }

  /** The events of a run: a tool turn first, then a message of all words up to ".". */
  async *run(signal?: AbortSignal): AsyncGenerator<StreamChunk> {
    this.asked++;
    signal?.addEventListener("abort", () => this.#wake());
    const ids = { threadId: "t", runId: "r", model: "m", timestamp: 1 };
    try {
      for (const finishReason of ["tool_calls", "stop"] as const) {
        yield { type: EventType.RUN_STARTED, ...ids };
        if (finishReason === "stop") {
          yield { type: EventType.TEXT_MESSAGE_START, messageId: "m", role: "assistant" };
          yield* this.#said(signal);
          yield { type: EventType.TEXT_MESSAGE_END, messageId: "m" };
        }
        yield { type: EventType.RUN_FINISHED, ...ids, finishReason } as StreamChunk;
      }
    } finally {
      this.isEnded = true;
    }
  }

  async *#said(signal?: AbortSignal): AsyncGenerator<StreamChunk> {
    while (signal?.aborted !== true) {
      const delta = this.#words.shift();
      if (delta === ".") return;
      if (delta === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else yield { type: EventType.TEXT_MESSAGE_CONTENT, messageId: "m", delta };
    }
  }
}

const runsOf = (url: string, more: Partial<DurableRunsComponents> = {}): DurableRuns<StreamChunk> =>
  createDurableRuns<StreamChunk>({ basin: basinOf(url), leaseDurationMs: LEASE_MS, ...more });

/** POST begins a run, GET reads it. */
function serve(runs: DurableRuns<StreamChunk>, agent: Agent): Promise<Site> {
  return serveSite((request) => {
    const adapter = runs.durability(request);
    if (request.method === "GET") return resumeServerSentEventsResponse({ adapter });
    const { abortController } = adapter;
    return toServerSentEventsResponse(agent.run(abortController.signal), {
      abortController,
      durability: { adapter, batch: 1 },
      debug: false,
    });
  });
}

const context = { threadId: "t", runId: "run-1" };
const connection = ({ url }: Site): ReturnType<typeof fetchServerSentEvents> =>
  fetchServerSentEvents(url, { reconnect: { delayMs: 20, maxAttempts: 50 } });
const begin = (site: Site): AsyncIterable<StreamChunk> =>
  connection(site).connect([], undefined, undefined, context as never);
const join = (site: Site, runId = "run-1"): AsyncIterable<StreamChunk> =>
  connection(site).joinRun?.(runId) ?? expect.fail("no way to join");

async function all(chunks: AsyncIterable<StreamChunk>): Promise<StreamChunk[]> {
  const seen: StreamChunk[] = [];
  for await (const chunk of chunks) seen.push(chunk);
  return seen;
}

const textOf = (chunks: readonly StreamChunk[]): string =>
  chunks.map((chunk) => ("delta" in chunk ? chunk.delta : "")).join("");
const typesOf = (chunks: readonly StreamChunk[]): string[] => chunks.map(({ type }) => type);

/** All of a run, as its log has it. */
const stored = async (runs: DurableRuns<StreamChunk>, runId = "run-1"): Promise<StreamChunk[]> =>
  (await runs.durability({ runId }).snapshot()).map(({ chunk }) => chunk);

const WHOLE = [
  "CUSTOM",
  "RUN_STARTED",
  "RUN_FINISHED",
  "RUN_STARTED",
  "TEXT_MESSAGE_START",
  "TEXT_MESSAGE_CONTENT",
  "TEXT_MESSAGE_CONTENT",
  "TEXT_MESSAGE_END",
  "RUN_FINISHED",
];

describe("a run of TanStack AI", () => {
  it("is read whole by whoever joins, whenever: its model is asked once", async () => {
    const agent = new Agent();
    const runs = runsOf(await startServer());
    const site = await serve(runs, agent);
    const begun = all(begin(site));
    agent.say("Hello, ");
    await expect.poll(async () => textOf(await stored(runs))).toBe("Hello, ");
    const joined = all(join(site));
    agent.say("world", ".");
    for (const chunks of await Promise.all([begun, joined, begun.then(() => all(join(site)))])) {
      expect(typesOf(chunks)).toEqual(WHOLE);
      expect(textOf(chunks)).toBe("Hello, world");
    }
    expect(agent.asked).toBe(1);
  });

  it("loses nothing and repeats nothing when connections are cut", async () => {
    const agent = new Agent();
    const site = await serve(runsOf(await startServer()), agent);
    const begun = begin(site);
    const reader = begun[Symbol.asyncIterator]();
    const words = Array.from({ length: 30 }, (_, i) => `${i} `);
    let text = "";
    agent.say(words[0] ?? "");
    for (let said = 1; ; ) {
      const { done, value } = await reader.next();
      if (done === true) break;
      if (!("delta" in value)) continue;
      text += value.delta;
      if (said % 10 === 5) site.cut();
      agent.say(words[said++] ?? ".");
    }
    expect(text).toBe(words.join(""));
    expect(agent.asked).toBe(1);
    expect(site.asked.length).toBeGreaterThanOrEqual(4);
  });

  it("goes on when its page has left, and is rejoined by the host's own chat", async () => {
    const agent = new Agent();
    const runs = runsOf(await startServer());
    const site = await serve(runs, agent);
    const left = begin(site)[Symbol.asyncIterator]();
    await left.next();
    await left.return?.();
    agent.say("still ");
    const chat = new ChatClient({
      connection: connection(site),
      threadId: "t",
      initialResumeSnapshot: { resumeState: { threadId: "t", runId: "run-1" } } as never,
    });
    chat.attach?.();
    agent.say("here", ".");
    const shown = (): string =>
      chat
        .getMessages()
        .flatMap(({ parts }) => parts)
        .map((part) => (part.type === "text" ? part.content : ""))
        .join("");
    await expect.poll(shown).toBe("still here");
    expect(typesOf(await stored(runs))).toEqual(WHOLE);
  });

  it("ends for all when it is stopped, and its model with it", async () => {
    const url = await startServer();
    const [agent, elsewhere] = [new Agent(), runsOf(url)];
    const site = await serve(runsOf(url), agent);
    const readers = [all(begin(site)), all(join(site))];
    agent.say("so far");
    await expect.poll(async () => textOf(await stored(elsewhere))).toBe("so far");
    expect(await elsewhere.stop("run-1")).toBe(true);
    const chunks = await Promise.all(readers);
    expect(chunks.map(textOf)).toEqual(["so far", "so far"]);
    // The page that began it has seen the end of the tool turn: the host says no more to it.
    expect(chunks[1]?.at(-1)).toMatchObject({ type: "RUN_ERROR", message: "Request aborted" });
    await expect.poll(() => agent.isEnded, { timeout: 3 * LEASE_MS }).toBe(true);
    const errors = (await stored(elsewhere)).filter(({ type }) => type === "RUN_ERROR");
    expect(errors).toHaveLength(1);
    expect(await elsewhere.stop("run-1")).toBe(false);
  });

  it("has one producer: a second one changes nothing, while it runs and after", async () => {
    const agent = new Agent();
    const runs = runsOf(await startServer());
    const site = await serve(runs, agent);
    const begun = all(begin(site));
    await expect.poll(async () => (await stored(runs)).length).toBeGreaterThan(3);
    for (const isOver of [false, true]) {
      if (isOver) {
        agent.say("a", "b", ".");
        await begun;
      }
      const before = await stored(runs);
      const second = runs.durability({ runId: "run-1" });
      await expect(second.append([before[0] as StreamChunk])).rejects.toThrow("another producer");
      await second.close();
      expect(await stored(runs)).toEqual(before);
    }
    expect(typesOf(await begun)).toEqual(WHOLE);
  });

  it("is taken over by who asks for it: its old producer can write no more", async () => {
    const runs = runsOf(await startServer());
    const old: StreamDurability = runs.durability({ runId: "run-1" });
    const chunk = (delta: string): StreamChunk => ({
      type: EventType.TEXT_MESSAGE_CONTENT,
      messageId: "m",
      delta,
    });
    await old.append([chunk("one "), chunk("two ")]);
    const next = runs.durability({ runId: "run-1" }, { takeOver: true });
    const prefix = await next.snapshot();
    expect(prefix).toHaveLength(2);
    await next.append([chunk("three")]);
    await expect(old.append([chunk("lost")])).rejects.toThrow("taken over");
    await old.close();
    const rest = all(
      (async function* () {
        for await (const entry of next.read(prefix[1]?.offset ?? "")) yield entry.chunk;
      })(),
    );
    await next.close();
    expect(textOf(await rest)).toBe("three");
    expect(textOf(await stored(runs))).toBe("one two three");
  });

  it("says so when its producer has died, also to who comes later", async () => {
    const url = await startServer();
    const runs = runsOf(url);
    await basinOf(url).streams.create({ stream: "run-1" });
    const dead = basinOf(url).stream("run-1");
    await dead.fence("session-of-the-dead", { matchSeqNum: 0 });
    await dead.append({ records: [{ body: '{"type":"RUN_STARTED"}' }] });
    const site = await serve(runs, new Agent());
    for (let reader = 0; reader < 2; reader++) {
      const chunks = await all(join(site));
      expect(typesOf(chunks)).toEqual(["RUN_STARTED", "RUN_ERROR"]);
      expect(chunks.at(-1)).toMatchObject({ message: "An error occurred." });
    }
  });

  it("keeps chunks that no record can hold, over acknowledgements that are lost", async () => {
    const url = await startServer();
    const { fetch: half, lost } = forgetful();
    const agent = new Agent();
    const runs = runsOf(url, { basin: basinOf(url, { fetch: half }) });
    const site = await serve(runs, agent);
    const huge = "é".repeat(900_000);
    agent.say("small ", huge, ".");
    expect(textOf(await all(begin(site))) === `small ${huge}`).toBe(true);
    expect(typesOf(await stored(runsOf(url)))).toEqual(WHOLE);
    expect(lost.length).toBeGreaterThan(5);
  });

  it("lies in its stream as the official package writes it", async () => {
    const url = await startServer();
    const agent = new Agent();
    agent.say("a", "b", ".");
    await all(begin(await serve(runsOf(url), agent)));
    const { records } = await basinOf(url)
      .stream("run-1")
      .read({ start: { from: { seqNum: 0 } } });
    const bodies = records.map(({ body }) => body);
    expect(bodies[0]).toMatch(/^session-/);
    expect(bodies.at(-1)).toMatch(/^end-/);
    expect(bodies.slice(1, -1).map((body) => (JSON.parse(body) as StreamChunk).type)).toEqual(
      WHOLE,
    );
  });
});

describe("what a request says", () => {
  const ask = (path: string, headers: Record<string, string> = {}): Request =>
    new Request(`http://site/${path}`, { headers });

  it("names the run and the place: headers before the query, as the host reads them", async () => {
    const { durability } = runsOf(await startServer());
    expect(durability(ask("?runId=a", { "x-run-id": "b" })).runId).toBe("b");
    const offset = "s2:chat%2F%C3%A9:7";
    const read = durability(ask("?offset=-1", { "last-event-id": offset }));
    expect([read.runId, read.resumeFrom()]).toEqual(["chat/é", offset]);
    expect(durability(ask("")).resumeFrom()).toBeNull();
    expect(durability(ask("")).runId).not.toBe(durability(ask("")).runId);
  });

  it("is refused when it is not ours, or of two runs", async () => {
    const { durability, stop } = runsOf(await startServer());
    for (const [path, headers] of [
      ["?offset=7", {}],
      ["?offset=s2:a:7x", {}],
      ["?offset=s2:%25:7", {}],
      ["?offset=s2:a:99999999999999999999", {}],
      ["?runId=a%0Ab&offset=-1", {}],
      ["", { "last-event-id": "s2:a:1", "x-run-id": "b" }],
    ] as const)
      expect(() => durability(ask(path, headers))).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    expect(() => stop("")).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it("gets an error, not a wait, for a run that nobody knows", async () => {
    const site = await serve(runsOf(await startServer()), new Agent());
    const [error] = await all(join(site, "nobody"));
    expect(error).toMatchObject({ type: "RUN_ERROR", message: 'unknown run runId="nobody"' });
    expect((await fetch(`${site.url}?runId=r`)).status).toBe(400);
    const beyond = await fetch(`${site.url}?offset=s2:nobody:9`);
    expect(await beyond.text()).toContain("unknown run");
  });
});
