// pnpm fuzz [--seconds N] [--entry NAME]... [--seed N] [--keep] [--list]
//   --seconds   time for all entries together; default 60
//   --entry     only this one; may be repeated
//   --seed      default: the time, which is printed
//   --keep      inputs with a new outcome join the corpus, made small
//   --list      the entries
// Exit 1 when something was found: it is made small and lies in the corpus from then on.

import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { CampaignResult } from "../engine/campaign.js";
import { filesOf, keep } from "../engine/corpus.js";
import { type Entry, wordOf } from "../engine/entry.js";
import { minimise } from "../engine/minimise.js";
import { tryInput } from "../engine/try-input.js";
import { ENTRIES } from "../entries/table.js";
import {
  COUNT_AT,
  LENGTH_AT,
  MAX_SHOWN_BYTES,
  SHOWN_HEAD_BYTES,
  type WorkerOrder,
} from "./order.js";

/** An input that is still being read after this long never ends. */
const HANG_MS = 20_000;
const LOOK_MS = 1000;

type Ended = CampaignResult | { readonly hanging: Uint8Array } | { readonly died: Error };

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    entry: { type: "string", multiple: true },
    seed: { type: "string" },
    keep: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    plant: { type: "string" },
  },
});

function runWorker(order: WorkerOrder): Promise<Ended> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: order });
    const head = new Int32Array(order.shown, 0, SHOWN_HEAD_BYTES / 4);
    let last = -1;
    let sinceMs = performance.now();
    const look = setInterval(() => {
      const count = Atomics.load(head, COUNT_AT);
      if (count !== last) {
        last = count;
        sinceMs = performance.now();
      } else if (performance.now() - sinceMs > HANG_MS) {
        const length = Atomics.load(head, LENGTH_AT);
        const shown = new Uint8Array(order.shown, SHOWN_HEAD_BYTES, length);
        end({ hanging: Uint8Array.from(shown) });
      }
    }, LOOK_MS);
    const end = (ended: Ended): void => {
      clearInterval(look);
      resolve(ended);
      void worker.terminate();
    };
    worker.once("message", (result: CampaignResult) => end(result));
    worker.once("error", (error: Error) => end({ died: error }));
  });
}

async function fuzzEntry(entry: Entry, seed: number, seconds: number): Promise<number> {
  const shown = new SharedArrayBuffer(SHOWN_HEAD_BYTES + MAX_SHOWN_BYTES);
  const ended = await runWorker({ entry: entry.name, seed, seconds, shown });
  if ("hanging" in ended) {
    const path = keep(entry, "found-no-end", ended.hanging);
    console.log(`${entry.name}: FOUND an input without an end: ${path}`);
    return 1;
  }
  if ("died" in ended) {
    const length = Atomics.load(new Int32Array(shown, 0, 2), LENGTH_AT);
    const last = Uint8Array.from(new Uint8Array(shown, SHOWN_HEAD_BYTES, length));
    const path = keep(entry, "found-end-of-thread", last);
    console.log(`${entry.name}: FOUND the end of the thread: ${ended.died.stack} ${path}`);
    return 1;
  }
  const { inputs, words, found, fresh } = ended;
  console.log(`${entry.name}: ${inputs} inputs, ${words} outcomes, ${found.length} found`);
  for (const { find, bytes, name } of found) {
    const path = keep(entry, name, bytes);
    console.log(
      `  FOUND ${find.what}\n    ${path}\n    ${find.trace.split("\n").slice(1, 4).join("\n    ")}`,
    );
  }
  if (values.keep) await keepFresh(entry, fresh);
  return found.length;
}

/** Files that one run adds to an entry at most. */
const MAX_KEPT = 12;

/** At most one more file for each outcome, made small as long as the outcome stays. */
async function keepFresh(entry: Entry, fresh: CampaignResult["fresh"]): Promise<void> {
  const known = new Set(filesOf(entry).map(({ name }) => name));
  const most = known.size + MAX_KEPT;
  for (const { word, bytes } of fresh) {
    const name = wordOf(word);
    if (known.has(`${name}.bin`) || known.size >= most) continue;
    known.add(`${name}.bin`);
    const small = await minimise(bytes, async (candidate) => {
      const verdict = await tryInput(entry, candidate);
      return verdict.kind === "fine" && verdict.word === word;
    });
    keep(entry, name, small);
  }
  await entry.close?.();
}

if (values.list) {
  for (const { name, reads } of ENTRIES) console.log(`${name.padEnd(16)} ${reads}`);
  process.exit(0);
}
const wanted = values.entry ?? ENTRIES.map(({ name }) => name);
const entries = ENTRIES.filter(({ name }) => wanted.includes(name));
if (entries.length !== wanted.length) {
  console.error(`no such entry; there are ${ENTRIES.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const seconds = Number(values.seconds);
if (!Number.isSafeInteger(seed) || !(seconds > 0)) {
  console.error("fuzz: --seconds and --seed take numbers, --seconds more than 0");
  process.exit(2);
}
console.log(`fuzz: seed ${seed}, ${seconds} s for ${entries.length} entries`);
let found = 0;
for (const entry of entries) found += await fuzzEntry(entry, seed, seconds / entries.length);
console.log(
  found === 0 ? "fuzz: nothing found" : `fuzz: ${found} found; replay: pnpm vitest run test/fuzz`,
);
process.exit(found === 0 ? 0 : 1);
