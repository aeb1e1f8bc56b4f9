// A snapshot in the place of what is behind: while others write, when two do it at once, when one dies within it, and for
// who was away meanwhile.

import { AppendRecord } from "@s2kit/client";
import { startFaultyNetwork } from "@s2kit/client/testing";
import { isCommandRecord } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { DocumentStreamError } from "../src/index.js";
import {
  BASIN,
  basinOf,
  closing,
  latecomer,
  personAt,
  recordsOf,
  STREAM,
  saved,
  startServer,
  synced,
} from "./harness/world.js";

const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

describe("a document that is compacted", () => {
  it("by itself keeps all that is written meanwhile, and little else", async () => {
    const url = await startServer();
    const people = [1, 2, 3].map(() => personAt(url, { compactAfterRecords: 20 }));
    await Promise.all(people.map(synced));
    for (let i = 0; i < 60; i++) {
      for (const [who, person] of people.entries()) person.write(`${who}:${i} `);
      await Promise.all(people.map(saved));
    }
    const late = await latecomer(url);
    for (let i = 0; i < 60; i++)
      for (const who of people.keys()) expect(late.text()).toContain(`${who}:${i} `);
    await expect.poll(() => new Set(people.map((person) => person.text())).size).toBe(1);
    expect(late.text()).toBe(people[0]?.text());
    // 180 updates were written; what is kept begins with a fence.
    const records = await recordsOf(url);
    expect(records.length).toBeLessThan(90);
    expect(isCommandRecord(records[0] ?? expect.fail("nothing"))).toBe(true);
    expect(people.flatMap(({ errors }) => errors)).toEqual([]);
  });

  it("is compacted by one of two who begin at once", async () => {
    const url = await startServer();
    const [ann, ben] = [await latecomer(url), await latecomer(url)];
    ann.write("x".repeat(1_500_000));
    await saved(ann);
    await expect.poll(() => ben.text().length).toBe(1_500_000);
    const outcomes = await Promise.all([ann.provider.compact(), ben.provider.compact()]);
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    // A snapshot in parts: they and the fence, and the trim that came with the last one.
    const records = await recordsOf(url);
    expect(records.filter((record) => isCommandRecord(record))).toHaveLength(2);
    expect(records.length).toBeGreaterThan(5);
    expect((await latecomer(url)).text()).toBe(ann.text());
  });

  it("outlives whoever compacts, and parts that were begun before another's fence are none", async () => {
    const url = await startServer();
    const ann = personAt(url, { leaseDurationMs: 2000 });
    await synced(ann);
    ann.write("all of it");
    await saved(ann);
    const stream = basinOf(url).basin.stream(STREAM);
    const part = (of: string, index: number): AppendRecord =>
      AppendRecord.bytes({
        body: new Uint8Array([index]),
        headers: [
          ["yjs", of],
          ["yjs-part", `00000000000000aa-${index}-2`],
        ],
      });
    await stream.append({ records: [part("update", 0)], fencingToken: "" });
    await stream.append([AppendRecord.fence("yjs-of-the-dead"), part("snapshot", 0)]);
    await expect.poll(async () => (await recordsOf(url)).length).toBe(4);
    expect(await ann.provider.compact()).toBe(false);
    await expect.poll(() => ann.provider.compact(), { interval: 50 }).toBe(true);
    // The writer of the parts learns that it has to begin again: they are not to be had any more.
    await expect(
      stream.append({ records: [part("update", 1)], fencingToken: "" }),
    ).rejects.toMatchObject({ code: "APPEND_CONDITION_FAILED" });
    const late = await latecomer(url);
    expect(late.text()).toBe("all of it");
    expect(late.errors).toEqual([]);
    expect(textOf((await recordsOf(url))[0]?.body)).toMatch(/^yjs-[0-9a-f]{16}$/);
  });

  it("gives all to who was away meanwhile, with what was edited there", async () => {
    const url = await startServer();
    const network = closing(await startFaultyNetwork(url));
    const [ann, ben] = [await latecomer(url), personAt(network.url)];
    await synced(ben);
    network.cutAfterBytesUp = 0;
    network.cut();
    ben.write("of the one who was away ");
    ann.write("one ");
    await saved(ann);
    ann.write("two ");
    await saved(ann);
    expect(await ann.provider.compact()).toBe(true);
    expect((await recordsOf(url))[0]?.seqNum).toBeGreaterThan(1);
    network.cutAfterBytesUp = undefined;
    await saved(ben);
    await expect.poll(() => ann.text() === ben.text()).toBe(true);
    expect(ann.text()).toContain("one two ");
    expect(ann.text()).toContain("of the one who was away ");
    expect(ben.errors.filter((error) => error instanceof DocumentStreamError)).toEqual([]);
  });

  it("says what is missing when somebody else removed records", async () => {
    const url = await startServer();
    const ann = await latecomer(url);
    ann.write("gone");
    await saved(ann);
    await basinOf(url).basin.stream(STREAM).trim(1);
    await expect.poll(async () => (await recordsOf(url))[0]?.seqNum).toBe(1);
    const late = await latecomer(url);
    expect(late.errors).toEqual([expect.objectContaining({ problem: "removed" })]);
    expect(late.text()).toBe("");
    // Whoever has it puts it back.
    expect(await ann.provider.compact()).toBe(true);
    expect((await latecomer(url)).text()).toBe("gone");
  });

  it("stays as it is without the right to fence, which is told once", async () => {
    const rootToken = "root-of-this-test";
    const url = await startServer({ auth: true, rootToken });
    const { client } = basinOf(url, { accessToken: rootToken });
    const { accessToken } = await client.accessTokens.issue({
      id: "editor",
      scope: {
        basins: { exact: BASIN },
        streams: { prefix: "notes/" },
        ops: ["append", "read", "check-tail", "create-stream"],
      },
    });
    const { basin } = basinOf(url, { accessToken });
    const ann = personAt(url, { basin, compactAfterRecords: 1 });
    await synced(ann);
    const refusal = expect.objectContaining({ code: "permission_denied" });
    for (const word of ["a", "b", "c"]) {
      ann.write(word);
      await saved(ann);
    }
    await expect.poll(() => ann.errors).toEqual([refusal]);
    ann.write("d");
    await saved(ann);
    await expect(ann.provider.compact()).rejects.toEqual(refusal);
    expect(ann.errors).toHaveLength(1);
    expect(ann.text()).toBe("abcd");
  });
});
