// What a flipped bit in the file of LMDB does: `node --import ./test/storage/programs/source-loader.mjs
// bench/state-flips.ts [every]`. Flips one bit in each n-th byte (default 11) of a small file, reads all entries by scan and by
// key through their seals, and walks them as verify does. In processes of its own, because some damage ends them.

import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { S2Error } from "@s2kit/core";
import { openLmdbStateStore } from "../src/storage/disk/state/lmdb-state-store.js";
import { sealStateStore } from "../src/storage/disk/state/sealed-state-store.js";
import { provenEntries } from "../src/storage/disk/state/state-format.js";
import { encodeStreamState, SPACE_META, streamKey } from "../src/storage/log/state-keys.js";
import type { StateStore } from "../src/storage/log/state-store.js";
import { keyFromString } from "../src/storage/meta-key.js";

const STORE_KEY = 7;
const path = "state";

interface Plan {
  readonly content: readonly (readonly [string, string])[];
  readonly offsets: readonly number[];
}

const [, script = "", argument = "11", child, from] = process.argv;
if (child === undefined) await measure(Number(argument));
else await flipFrom(argument, Number(from));

async function measure(every: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "s2kit-flips-"));
  try {
    const bare = await openLmdbStateStore(join(directory, "made"));
    const made = sealStateStore({ bare, storeKey: STORE_KEY, path });
    for (let streamId = 1; streamId <= 300; streamId++) {
      const tail = { seqNum: streamId, timestamp: streamId };
      const state = { tail, trimPoint: 0, fencingToken: "", lastWriteMs: streamId };
      const name = `${SPACE_META}basin/stream-${streamId}`;
      await made.write([
        { key: keyFromString(streamKey(streamId)), value: encodeStreamState(state) },
        { key: keyFromString(name), value: Buffer.from(`${streamId}`) },
      ]);
    }
    const content = contentOf(made);
    await made.close();
    const bytes = readFileSync(join(directory, "made", "data.mdb"));
    const offsets = [...bytes.keys()].filter((at) => at % every === 0 && isUsed(bytes, at));
    writeFileSync(join(directory, "plan.json"), JSON.stringify({ content, offsets }));
    process.stdout.write(`${bytes.length} bytes, ${offsets.length} flips\n`);
    runChildren(directory, offsets.length);
    printTable(readFileSync(join(directory, "results"), "utf8"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Starts a process again behind each flip that ends one. */
function runChildren(directory: string, flips: number): void {
  const loader = fileURLToPath(
    new URL("../test/storage/programs/source-loader.mjs", import.meta.url),
  );
  const results = join(directory, "results");
  writeFileSync(results, "");
  for (let next = 0; next < flips; ) {
    const { signal } = spawnSync(
      process.execPath,
      ["--import", loader, script, directory, "child", `${next}`],
      { stdio: "ignore" },
    );
    const done = readFileSync(results, "utf8").split("\n").length - 1;
    if (done < flips) appendFileSync(results, `the process ends (${signal ?? "exit"})\n`);
    next = done + 1;
  }
}

async function flipFrom(directory: string, from: number): Promise<void> {
  const plan = JSON.parse(readFileSync(join(directory, "plan.json"), "utf8")) as Plan;
  const original = readFileSync(join(directory, "made", "data.mdb"));
  for (const offset of plan.offsets.slice(from)) {
    const bytes = Buffer.from(original);
    bytes[offset] = (bytes[offset] as number) ^ (1 << (offset % 8));
    const damaged = join(directory, "damaged");
    rmSync(damaged, { recursive: true, force: true });
    mkdirSync(damaged);
    writeFileSync(join(damaged, "data.mdb"), bytes);
    const bare = await openLmdbStateStore(damaged, { readOnly: true });
    const outcome = `${outcomeOf(bare, plan)}; ${isFound(bare, plan) ? "found" : "not found"} by verify`;
    await bare.close();
    appendFileSync(join(directory, "results"), `${outcome}\n`);
  }
}

/** What readers get. */
function outcomeOf(bare: StateStore, { content }: Plan): string {
  const sealed = sealStateStore({ bare, storeKey: STORE_KEY, path });
  const known = new Map(content);
  try {
    const found = contentOf(sealed);
    if (found.some(([key, value]) => known.get(key) !== value)) return "WRONG DATA";
    const isLost = content.some(([key]) => sealed.get(Buffer.from(key, "hex")) === undefined);
    return isLost || found.length < content.length ? "an entry is hidden" : "harmless";
  } catch (error) {
    return error instanceof S2Error ? "a coded error" : "AN ERROR WITHOUT A CODE";
  }
}

function isFound(bare: StateStore, { content }: Plan): boolean {
  try {
    const entries = [...provenEntries({ bare, storeKey: STORE_KEY, path }, { version: 2 })];
    const isWhole = bare.count() === content.length && entries.length === content.length;
    return !isWhole || entries.some((entry) => entry.problem !== undefined);
  } catch {
    return true;
  }
}

function contentOf(store: StateStore): [string, string][] {
  return store
    .scan({ start: new Uint8Array(0), end: undefined, limit: 10_000 })
    .map(({ key, value }) => [
      Buffer.from(key).toString("hex"),
      Buffer.from(value).toString("hex"),
    ]);
}

/** Not within a run of zeros. */
function isUsed(bytes: Uint8Array, at: number): boolean {
  return bytes.subarray(Math.max(0, at - 8), at + 8).some((byte) => byte !== 0);
}

function printTable(results: string): void {
  const counts = new Map<string, number>();
  for (const line of results.trim().split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const [outcome, count] of [...counts].sort(([, a], [, b]) => b - a))
    process.stdout.write(`${String(count).padStart(7)}  ${outcome}\n`);
}
