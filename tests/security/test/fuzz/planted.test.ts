// Proves that the fuzzer finds: readers with a fault of each kind, planted here.

import { setImmediate } from "node:timers/promises";
import { S2Error } from "@s2kit/core";
import { describe, expect, it } from "vitest";
import { Campaign, type CampaignResult } from "../../src/engine/campaign.js";
import {
  agree,
  cutsOf,
  type Entry,
  outcomeOf,
  textOf,
  utf8,
  wordFor,
} from "../../src/engine/entry.js";

interface Bounds {
  readonly inputs?: number;
  readonly slowMs?: number;
}

async function fuzz(
  check: Entry["check"],
  seeds: readonly string[],
  { inputs = 4000, slowMs }: Bounds = {},
): Promise<CampaignResult> {
  const reader = { name: "planted", reads: "nothing", seeds: () => ({}), check };
  const entry: Entry = slowMs === undefined ? reader : { ...reader, slowMs };
  const options = { seed: 7, seconds: 60, inputs, now: () => performance.now() };
  return new Campaign(entry, options).run(seeds.map((text) => utf8.encode(text)));
}

/** A reader of `length ":" text`, as netstrings have them. */
function netstring(bytes: Uint8Array, hasBound: boolean): string {
  const [digits = "", ...rest] = textOf(bytes).split(":");
  if (!/^\d{1,3}$/.test(digits)) throw new S2Error({ code: "bad_frame", message: "no length" });
  const text = rest.join(":");
  const length = Number(digits);
  if (hasBound && length > text.length)
    throw new S2Error({ code: "bad_frame", message: "too short" });
  // What is not there is read as undefined.
  return Array.from({ length }, (_, at) => (text[at] as string).toUpperCase()).join("");
}

describe("a planted fault is found", () => {
  it("when a length is believed", async () => {
    const { found } = await fuzz(
      (bytes) => wordFor(outcomeOf(() => netstring(bytes, false))),
      ["3:abc", "0:"],
    );
    expect(found[0]?.find).toMatchObject({ kind: "crash" });
    expect(found[0]?.find.what).toContain("TypeError");
    expect(found[0]?.bytes.length).toBeLessThanOrEqual(2);
  });

  it("when a chunk's end is taken for a line's", async () => {
    const lines = (pieces: readonly Uint8Array[]): string[] =>
      pieces.flatMap((piece) => textOf(piece).split("\n"));
    const { found } = await fuzz(
      (bytes) => {
        for (const pieces of cutsOf(bytes)) agree("lines", lines(pieces), lines([bytes]));
        return "ok";
      },
      ["a"],
    );
    expect(found[0]?.find.what).toContain("Disagreement");
  });

  it("when two readers of one format disagree", async () => {
    const loose = (text: string): unknown => (/^\d+$/.test(text) ? Number(text) : undefined);
    const strict = (text: string): unknown =>
      /^(0|[1-9]\d*)$/.test(text) ? Number(text) : undefined;
    const { found } = await fuzz(
      (bytes) => {
        agree("numbers", loose(textOf(bytes)), strict(textOf(bytes)));
        return "ok";
      },
      ["10"],
    );
    expect(found.map(({ bytes }) => textOf(bytes))).toEqual(["00"]);
  });

  it("when a refusal has no code", async () => {
    const { found } = await fuzz(
      (bytes) => {
        outcomeOf(() => JSON.parse(textOf(bytes)) as unknown);
        return "ok";
      },
      ["{}"],
    );
    expect(found[0]?.find.what).toContain("SyntaxError");
  });

  it("when memory grows", async () => {
    const hoard: Uint8Array[] = [];
    const { found } = await fuzz(
      (bytes) => {
        hoard.push(new Uint8Array(1024 * 1024 + bytes.length));
        if (hoard.length > 600) hoard.length = 0;
        return "ok";
      },
      ["x"],
    );
    hoard.length = 0;
    expect(found[0]?.find.kind).toBe("memory");
  });

  it("when an input takes too long", async () => {
    const { found } = await fuzz(
      (bytes) => {
        const end = process.cpuUsage().user + (textOf(bytes).includes("zz") ? 90_000 : 0);
        while (process.cpuUsage().user < end);
        return "ok";
      },
      ["zz"],
      { inputs: 20, slowMs: 60 },
    );
    expect(found[0]?.find.kind).toBe("hang");
  });

  it("and a sound reader is not accused", async () => {
    const { found, words } = await fuzz(
      async (bytes) => {
        await setImmediate();
        const outcome = outcomeOf(() => netstring(bytes, true));
        return outcome.kind === "value" ? "ok" : outcome.word;
      },
      ["3:abc"],
    ).catch(() => ({ found: ["threw"], words: 0 }));
    expect(found).toEqual([]);
    expect(words).toBeGreaterThan(1);
  });
});
