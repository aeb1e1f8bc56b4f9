// Runs the campaign of one entry on a thread of its own, and shows in shared memory what it is feeding: who
// watches can end an input that never ends, and still know it.

import { parentPort, workerData } from "node:worker_threads";
import { Campaign } from "../engine/campaign.js";
import { inputsOf } from "../engine/corpus.js";
import { ENTRIES } from "../entries/table.js";
import { COUNT_AT, LENGTH_AT, SHOWN_HEAD_BYTES, type WorkerOrder } from "./order.js";

const { entry: name, seed, seconds, shown } = workerData as WorkerOrder;
const entry = ENTRIES.find((each) => each.name === name);
if (entry === undefined) throw new Error(`no such entry ${name}`);

const head = new Int32Array(shown, 0, SHOWN_HEAD_BYTES / 4);
const body = new Uint8Array(shown, SHOWN_HEAD_BYTES);
const campaign = new Campaign(entry, {
  seed,
  seconds,
  now: () => performance.now(),
  onInput(bytes) {
    body.set(bytes.subarray(0, body.length));
    Atomics.store(head, LENGTH_AT, Math.min(bytes.length, body.length));
    Atomics.add(head, COUNT_AT, 1);
  },
});
const kept = await inputsOf(entry);
const result = await campaign.run(kept.map(({ bytes }) => bytes));
await entry.close?.();
parentPort?.postMessage(result);
