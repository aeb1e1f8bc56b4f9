// What format 2 costs: `node --expose-gc --import ./test/storage/programs/source-loader.mjs bench/upgrade.ts`. A
// directory with a million streams is turned back into format 1 and upgraded; then an entry is read with
// and without its seal, side by side.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@s2kit/core";
import { openDiskStorage } from "../src/storage/disk/engine/open-disk-storage.js";
import { openLmdbStateStore } from "../src/storage/disk/state/lmdb-state-store.js";
import { keyBehind, sealStateStore } from "../src/storage/disk/state/sealed-state-store.js";
import { streamKey } from "../src/storage/log/state-keys.js";
import type { StateStore } from "../src/storage/log/state-store.js";
import { keyFromString } from "../src/storage/meta-key.js";
import {
  format1Text,
  storeKeyOf,
  unsealingChanges,
} from "../test/storage/upgrade/format-1-codec.js";
import { machine, medianOf, report } from "./storage-harness.js";

const STREAMS = 1_000_000;
const READS = 100_000;
const MIB = 1024 * 1024;

machine();
const directory = mkdtempSync(join(tmpdir(), "s2kit-upgrade-"));
const formatPath = join(directory, "FORMAT");
const statePath = join(directory, "state");
try {
  await fill();
  const storeKey = storeKeyOf(readFileSync(formatPath, "utf8"));
  await turnBack(storeKey);
  await upgrade();
  await read(storeKey);
} finally {
  rmSync(directory, { recursive: true });
}

async function fill(): Promise<void> {
  const storage = await openDiskStorage({ directory, clock: systemClock });
  for (let at = 0; at < STREAMS; at += 500) {
    const mutations = [];
    for (let streamId = at + 1; streamId <= at + 500; streamId++) {
      const key = Buffer.from(`basin/stream-${String(streamId).padStart(9, "0")}`);
      mutations.push({ kind: "create-stream", streamId, writtenMs: 1 } as const);
      mutations.push({ kind: "put", key, value: Buffer.from(String(streamId)) } as const);
    }
    await storage.whenDurable(storage.commit(mutations).position);
  }
  await storage.close();
}

async function turnBack(storeKey: number): Promise<void> {
  const state = await openLmdbStateStore(statePath);
  const pages: StateStore = {
    ...state,
    scan: (range) => state.scan({ ...range, start, limit: 100_000 }),
  };
  let start: Uint8Array = new Uint8Array(0);
  for (;;) {
    const changes = unsealingChanges(pages, storeKey);
    const last = changes.at(-1);
    if (last === undefined) break;
    await state.write(changes);
    start = keyBehind(last.key);
  }
  await state.close();
  writeFileSync(formatPath, format1Text(storeKey));
}

async function upgrade(): Promise<void> {
  const stateBytes = () => statSync(join(statePath, "data.mdb")).size / MIB;
  const before = stateBytes();
  (globalThis as { gc?: () => void }).gc?.();
  const baseRss = process.memoryUsage().rss;
  let peakRss = 0;
  let entries = 0;
  let upgradeMs = 0;
  const began = performance.now();
  const storage = await openDiskStorage({
    directory,
    clock: systemClock,
    onUpgrade: (progress) => {
      ({ entries } = progress);
      upgradeMs = performance.now() - began;
      peakRss = Math.max(peakRss, process.memoryUsage().rss);
    },
  });
  const openMs = performance.now() - began;
  await storage.close();
  report({ what: "entries upgraded", value: entries, unit: "" });
  report({ what: "upgrade of a million streams", value: upgradeMs, unit: "ms" });
  report({ what: "open with it", value: openMs, unit: "ms" });
  report({ what: "entries a second", value: entries / (upgradeMs / 1000), unit: "/s" });
  const grownMiB = (peakRss - baseRss) / MIB;
  report({ what: "resident memory above that before, at most", value: grownMiB, unit: "MiB" });
  report({ what: "state file after", value: stateBytes(), unit: "MiB", reference: before });
}

async function read(storeKey: number): Promise<void> {
  const bare = await openLmdbStateStore(statePath);
  const sealed = sealStateStore({ bare, storeKey, path: statePath });
  const keys = Array.from({ length: READS }, (_, at) =>
    keyFromString(streamKey(1 + ((at * 7919) % STREAMS))),
  );
  const get = (store: StateStore) => async (): Promise<number> => {
    const began = performance.now();
    for (const key of keys) if (store.get(key) === undefined) throw new Error("an entry is lost");
    return ((performance.now() - began) / READS) * 1000;
  };
  const scan = (store: StateStore) => async (): Promise<number> => {
    const began = performance.now();
    for (let at = 0; at < READS; at += 1000)
      store.scan({ start: keys[at] as Uint8Array, end: undefined, limit: 1000 });
    return ((performance.now() - began) / READS) * 1000;
  };
  await get(sealed)();
  for (const [what, measure] of [
    ["get of a stream's state", get],
    ["entry of a scan", scan],
  ] as const) {
    const reference = await medianOf(5, measure(bare));
    report({
      what: `${what}, with its seal`,
      value: await medianOf(5, measure(sealed)),
      unit: "us",
      reference,
    });
  }
  await bare.close();
}
