// Our server answers raw requests as the official lite does: its answers are recorded (official-lite.json),
// compared with ours in every run, and with the official lite itself when S2KIT_OFFICIAL_CLI is set.
// S2KIT_RECORD_WIRE=1 beside it writes them anew (then `pnpm format`).

import { readFile, writeFile } from "node:fs/promises";
import { placeOfSuite } from "@s2kit/bucket/suite";
import { expect, it } from "vitest";
import { startLite } from "./harness/lite.js";
import { answersOf, type WireAnswer } from "./wire/answers.js";
import { differenceOf, WIRE_DIFFERENCES } from "./wire/differences.js";

const RECORDED = new URL("./wire/official-lite.json", import.meta.url);
const HAS_OFFICIAL = (process.env.S2KIT_OFFICIAL_CLI ?? "") !== "";

async function recorded(): Promise<Record<string, WireAnswer>> {
  return JSON.parse(await readFile(RECORDED, "utf8")) as Record<string, WireAnswer>;
}

it.each(placeOfSuite() === undefined ? ["memory", "disk"] : ["a bucket"])(
  "our server on %s answers as recorded, but for what is stated",
  async (kind) => {
    await using server = await startLite("ours", { isOnDisk: kind === "disk" });
    const met = new Set<string>();
    const expected = Object.entries(await recorded()).map(([name, answer]) => {
      const difference = differenceOf(name, answer);
      if (difference === undefined) return [name, answer];
      met.add(difference.reason);
      return [name, difference.ours(answer)];
    });
    const answers = await answersOf(server.url);
    expect(answers).toEqual(Object.fromEntries(expected));
    expect(WIRE_DIFFERENCES.map(({ reason }) => reason).filter((each) => !met.has(each))).toEqual(
      [],
    );
  },
);

it.skipIf(!HAS_OFFICIAL)(
  "the official lite answers as recorded (needs S2KIT_OFFICIAL_CLI)",
  async () => {
    await using server = await startLite("official");
    const answers = await answersOf(server.url);
    if (process.env.S2KIT_RECORD_WIRE === "1")
      await writeFile(RECORDED, `${JSON.stringify(answers, undefined, 2)}\n`);
    expect(answers).toEqual(await recorded());
  },
);
