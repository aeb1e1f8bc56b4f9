// Pages that leave while a model is silent: nothing of them stays on the server. And callbacks of the host that fail, which
// must not keep a generation from its end.

import { describe, expect, it } from "vitest";
import { createResumableChat as createAiChat } from "../src/aisdk/index.js";
import { createResumableChat } from "../src/anthropic/index.js";
import { createResumableStreamContext } from "../src/context/index.js";
import { basinOf, Model, startServer } from "./harness/world.js";

/** Sessions that the server has open. */
async function sessionsOf(url: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  return Number(/^s2kit_sessions (\d+)$/m.exec(page)?.[1] ?? Number.NaN);
}

describe("a page that leaves while nothing is said", () => {
  it("leaves no session behind, whatever it reads with", async () => {
    const url = await startServer();
    const model = new Model();
    const components = { basin: basinOf(url), leaseDurationMs: 60_000 };
    const context = createResumableStreamContext({ ...components, waitUntil: null });
    const [text, chat, aiChat] = [
      await context.resumableStream("s", model.make),
      createResumableChat(components),
      createAiChat(components),
    ];
    await expect.poll(() => model.asked).toBe(1);
    const bodies = [
      text,
      (await context.replay("s")).body,
      (await chat.replay("s", { from: 0 })).body,
      (await aiChat.replay("s")).body,
    ];
    const readers = bodies.map((body) => body?.getReader() ?? expect.fail("no body"));
    const reads = readers.map((reader) => reader.read());
    await expect.poll(() => sessionsOf(url)).toBe(4);
    await Promise.all(readers.map((reader) => reader.cancel()));
    for (const read of reads) expect((await read).done).toBe(true);
    await expect.poll(() => sessionsOf(url)).toBe(0);
    model.end();
  });
});

describe("a host whose callbacks throw", () => {
  it("has its turns ended all the same, with an error that says nothing", async () => {
    const model = new Model();
    const throws = (): never => {
      throw new Error("broken callback");
    };
    const chat = createAiChat({
      basin: basinOf(await startServer()),
      errorTextOf: throws,
      onError: throws,
    });
    const response = await chat.makeResumable("c", () =>
      model.stream.pipeThrough(
        new TransformStream({ transform: (text, out) => out.enqueue({ type: text }) }),
      ),
    );
    model.say("start");
    const body = response.text();
    model.fail(new Error("of the model"));
    expect(await body).toBe(
      'data: {"type":"start"}\n\ndata: {"type":"error","errorText":"An error occurred."}\n\ndata: [DONE]\n\n',
    );
    expect((await chat.replay("c")).status).toBe(204);
  });
});
