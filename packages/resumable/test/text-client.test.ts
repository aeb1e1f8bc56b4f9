// A page that reads a text over a route: each piece once, through cuts, from a place, also when it is over.

import { describe, expect, it } from "vitest";
import {
  MessageFailedError,
  readText,
  SubscribeError,
  type SubscribeOptions,
} from "../src/context/client/index.js";
import { createResumableStreamContext } from "../src/context/index.js";
import { type Site, serveSite } from "./harness/site.js";
import { basinOf, Model, startServer } from "./harness/world.js";

interface Served {
  readonly site: Site;
  readonly model: Model;
  begin(): Promise<unknown>;
}

async function serve(): Promise<Served> {
  const context = createResumableStreamContext({
    basin: basinOf(await startServer()),
    waitUntil: null,
  });
  const model = new Model();
  const site = await serveSite((request) => context.replay("t", request));
  return { site, model, begin: () => context.resumableStream("t", model.make) };
}

const read = ({ site }: Served, more: Partial<SubscribeOptions> = {}): AsyncIterable<string> =>
  readText({ url: site.url, reconnectBackoffMs: [0, 20], ...more });

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

describe("a text in a page", () => {
  it("is whole through cuts, from a place, and when it is over; a line break is none of its own", async () => {
    const served = await serve();
    const begun = served.begin();
    const early = whole(read(served));
    await begun;
    served.model.say("one\n", "two\r", 'three "', "four");
    const places: number[] = [];
    let text = "";
    for await (const piece of read(served, { onPlace: (place) => places.push(place) })) {
      text += piece;
      if (text.endsWith("four")) {
        served.site.cut();
        served.model.say(" five");
        served.model.end();
      }
    }
    const all = 'one\ntwo\rthree "four five';
    expect(text).toBe(all);
    expect(await early).toBe(all);
    expect(await whole(read(served))).toBe(all);
    expect(await whole(read(served, { from: places[0] ?? 0 }))).toBe(all.slice(4));
    expect(await whole(read(served, { from: places.at(-1) ?? 0 }))).toBe("");
  });

  it("that fails says so, and nothing of why; what is no place is refused", async () => {
    const served = await serve();
    expect(await whole(read(served))).toBe("");
    await served.begin();
    served.model.say("half");
    served.model.fail(new Error("secret of the model"));
    const failed = whole(read(served));
    await expect(failed).rejects.toBeInstanceOf(MessageFailedError);
    await expect(failed).rejects.not.toThrow(/secret/);
    for (const wrong of ["?from=x", "?from=-1"])
      await expect(
        whole(read(served, { url: `${served.site.url}${wrong}` })),
      ).rejects.toMatchObject({ status: 400 });
  });

  it("ends with what another try does not change: an event that is none is not left out", async () => {
    const wrong = [
      'id: 1\ndata: "a"\n\nid: 2\ndata: {"half\n\nid: 3\ndata: "c"\n\n',
      'id: 1\ndata: "a"\n\nid: 2\ndata: 17\n\n',
    ];
    for (const events of wrong) {
      const headers = { "content-type": "text/event-stream" };
      const site = await serveSite(() => new Response(events, { headers }));
      let text = "";
      const reading = (async () => {
        for await (const piece of readText({ url: site.url })) text += piece;
      })();
      await expect(reading).rejects.toBeInstanceOf(SubscribeError);
      expect(text).toBe("a");
    }
  });
});
