// Documents that several edit at once, through a real server: who is offline, who was elsewhere, who comes late.

import { startFaultyNetwork } from "@s2kit/client/testing";
import { systemClock, systemRandom } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import { Outbox } from "../src/document/outbox.js";
import { createYjsProvider, DocumentStreamError } from "../src/index.js";
import {
  basinOf,
  closing,
  latecomer,
  type Person,
  personAt,
  recordsOf,
  STREAM,
  saved,
  startServer,
  synced,
} from "./harness/world.js";

async function alike(...people: readonly Person[]): Promise<string> {
  await expect.poll(() => new Set(people.map((person) => person.text())).size).toBe(1);
  return people[0]?.text() ?? "";
}

describe("a document that several edit", () => {
  it("is the same for all, whatever they write at once, and for who comes late", async () => {
    const url = await startServer();
    const [ann, ben] = [personAt(url), personAt(url)];
    ann.write("before anybody was there ");
    await Promise.all([synced(ann), synced(ben)]);
    for (let i = 0; i < 30; i++) {
      ann.write(`a${i} `, 0);
      ben.write(`b${i} `, 0);
      if (i % 10 === 0) await saved(ann);
    }
    await Promise.all([saved(ann), saved(ben)]);
    const text = await alike(ann, ben, await latecomer(url));
    for (let i = 0; i < 30; i++) expect(text).toContain(`a${i} `);
    expect(text).toMatch(/b29 .*b0 /);
    expect(text).toContain("before anybody was there ");
    expect([...ann.errors, ...ben.errors]).toEqual([]);
    // No age of the basin removes what the document is.
    const config = await basinOf(url).basin.streams.getConfig({ stream: STREAM });
    expect(config.retentionPolicy).toEqual({ infinite: {} });
    // What gathers while an append is under way is one record.
    expect((await recordsOf(url)).length).toBeLessThan(40);
  });

  it("has what was edited offline, on both sides, once there is a network again", async () => {
    const url = await startServer();
    const network = closing(await startFaultyNetwork(url));
    const [ann, ben] = [personAt(network.url), personAt(url)];
    await Promise.all([synced(ann), synced(ben)]);
    network.cutAfterBytesUp = 0;
    network.cut();
    ann.write("written in a tunnel ");
    ben.write("written at home ");
    await expect.poll(() => ann.provider.status).toBe("disconnected");
    expect(ann.provider.isSaved).toBe(false);
    expect(ben.text()).toBe("written at home ");
    network.cutAfterBytesUp = undefined;
    await saved(ann);
    const text = await alike(ann, ben);
    expect(text).toContain("written in a tunnel ");
    expect(text).toContain("written at home ");
    expect(ann.provider.status).toBe("connected");
  });

  it("is told what it lacks of a copy that was kept elsewhere, and nothing twice", async () => {
    const url = await startServer();
    const ann = await latecomer(url);
    ann.write("of the stream ");
    await saved(ann);
    const kept = new Doc();
    applyUpdate(kept, encodeStateAsUpdate(ann.doc));
    kept.getText("text").insert(0, "kept in the browser ");
    const ben = personAt(url, {}, kept);
    await saved(ben);
    expect(await alike(ann, ben)).toBe("kept in the browser of the stream ");
    const { length } = await recordsOf(url);
    const again = new Doc();
    applyUpdate(again, encodeStateAsUpdate(kept));
    await saved(personAt(url, {}, again));
    expect(await recordsOf(url)).toHaveLength(length);
  });

  it("takes what is larger than a record, in parts, and begins again when a fence came between", async () => {
    const url = await startServer();
    const ann = await latecomer(url);
    const large = "0123456789".repeat(120_000);
    ann.write(large);
    await saved(ann);
    expect((await recordsOf(url)).length).toBeGreaterThan(3);
    expect((await latecomer(url)).text()).toBe(large);
    const stream = basinOf(url).basin.stream(STREAM);
    let appends = 0;
    const append: typeof stream.append = async (batch, options) => {
      if (++appends === 2) await stream.fence("somebody-compacts");
      return stream.append(batch, options);
    };
    const other = new Doc();
    other.getText("text").insert(0, large);
    const failures: unknown[] = [];
    await new Promise<void>((resolve) => {
      const outbox = new Outbox({
        stream: { append },
        clock: systemClock,
        random: systemRandom,
        signal: new AbortController().signal,
        token: () => "",
        onSent: () => undefined,
        onFailure: (error) => failures.push(error),
        onEmpty: resolve,
      });
      outbox.add(encodeStateAsUpdate(other));
      outbox.open();
    });
    expect(failures).toEqual([]);
    await expect.poll(() => ann.text().length).toBe(2 * large.length);
  });

  it("goes on past records that are none, and tells of them", async () => {
    const url = await startServer();
    const ann = await latecomer(url);
    const stream = basinOf(url).basin.stream(STREAM);
    await stream.append([
      { body: "of a stranger" },
      { body: "no update", headers: [["yjs", "update"]] },
    ]);
    const ben = await latecomer(url);
    ben.write("and on");
    await expect.poll(() => ann.text()).toBe("and on");
    for (const { errors } of [ann, ben]) {
      expect(errors.map((error) => (error as DocumentStreamError).problem)).toEqual([
        "foreign",
        "unreadable",
      ]);
      expect(errors[0]).toBeInstanceOf(DocumentStreamError);
    }
    // A snapshot would lose them.
    expect(await ann.provider.compact()).toBe(false);
    expect(await recordsOf(url)).toHaveLength(3);
    expect(await ann.provider.compact({ isForced: true })).toBe(true);
    expect((await latecomer(url)).errors).toEqual([]);
  });

  it("starts anew in a stream that was deleted and is another one", async () => {
    const url = await startServer();
    const { basin } = basinOf(url);
    const ann = await latecomer(url);
    ann.write("kept in the page");
    await saved(ann);
    await basin.streams.delete({ stream: STREAM });
    await expect
      .poll(async () => (await recordsOf(url).catch(() => [])).length, { timeout: 15_000 })
      .toBe(1);
    expect((await latecomer(url)).text()).toBe("kept in the page");
  });

  it("is left when what was edited is durable; options that are none are refused", async () => {
    const url = await startServer();
    const ann = personAt(url);
    ann.write("the last words");
    await ann.provider.close();
    expect(ann.provider.status).toBe("disconnected");
    expect((await latecomer(url)).text()).toBe("the last words");
    const before = await recordsOf(url);
    ann.write(" are not sent");
    expect(ann.errors).toEqual([]);
    const { basin } = basinOf(url);
    for (const wrong of [
      { stream: "" },
      { compactAfterRecords: 0 },
      { leaseDurationMs: Number.NaN },
      { compactAfter: 5 },
    ])
      expect(() => createYjsProvider(new Doc(), { basin, stream: "s", ...wrong })).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    expect(await recordsOf(url)).toEqual(before);
  });
});
