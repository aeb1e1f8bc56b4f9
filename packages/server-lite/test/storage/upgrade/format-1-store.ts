// Directories of format 1 for tests: one that the last version of that format really wrote, kept as a
// fixture, and stores of today turned back.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openLmdbStateStore } from "../../../src/storage/disk/state/lmdb-state-store.js";
import { openMemoryStateStore } from "../../../src/storage/disk/state/memory-state-store.js";
import type { Storage } from "../../../src/storage/storage.js";
import { linesOf } from "../../../src/testing/append-source.js";
import { type SimulatedStore, STORE } from "../crash/simulated-store.js";
import { format1Text, storeKeyOf, unsealingChanges } from "./format-1-codec.js";

interface Fixture {
  /** By path in the directory; gzip in base64. */
  readonly files: Readonly<Record<string, string>>;
  /** Keys and values of the state store, in hex. */
  readonly state: readonly (readonly [string, string])[];
  /** What the version that wrote it answered: see {@link answersOf}. */
  readonly answers: readonly string[];
}

const ALL = { maxBytes: 1 << 30, endSeqNum: Number.MAX_SAFE_INTEGER };
const FIXTURE_STREAMS = [1, 2, 3, 4, 70_000];

export async function readFixture(): Promise<Fixture> {
  const path = join(import.meta.dirname, "fixtures", "format-1.json");
  return JSON.parse(await readFile(path, "utf8")) as Fixture;
}

/** Writes the fixture out as a real directory. */
export async function placeFixture(directory: string, fixture: Fixture): Promise<void> {
  for (const [path, packed] of Object.entries(fixture.files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), gunzipSync(Buffer.from(packed, "base64")));
  }
  const state = await openLmdbStateStore(join(directory, "state"));
  await state.write(
    fixture.state.map(([key, value]) => ({
      key: Buffer.from(key, "hex"),
      value: Buffer.from(value, "hex"),
    })),
  );
  await state.close();
}

/** The same on a simulated disk. */
export function placeSimulated(store: SimulatedStore, fixture: Fixture): void {
  for (const [path, packed] of Object.entries(fixture.files))
    store.disk.place(`${STORE}/${path}`, gunzipSync(Buffer.from(packed, "base64")));
  store.medium.apply(
    fixture.state.map(([key, value]) => ({
      key: Buffer.from(key, "hex"),
      value: Buffer.from(value, "hex"),
    })),
  );
}

/** All that the store says about the fixture's streams and metadata. */
export async function answersOf(storage: Storage): Promise<string[]> {
  const lines: string[] = [];
  for (const streamId of FIXTURE_STREAMS) {
    lines.push(`${streamId}: ${JSON.stringify(storage.streamState(streamId) ?? null)}`);
    lines.push(...linesOf(await storage.read(streamId, 0, ALL)));
  }
  for (const { key, value } of storage.scanMeta({ prefix: new Uint8Array(0), limit: 100 }))
    lines.push(`${Buffer.from(key).toString()}=${Buffer.from(value).toString()}`);
  return lines;
}

/** Turns a closed directory of today into one of format 1. */
export async function turnBack(directory: string): Promise<void> {
  const path = join(directory, "FORMAT");
  const storeKey = storeKeyOf(await readFile(path, "utf8"));
  const state = await openLmdbStateStore(join(directory, "state"));
  await state.write(unsealingChanges(state, storeKey));
  await state.close();
  await writeFile(path, format1Text(storeKey));
}

/** The same for a simulated store. */
export function turnBackSimulated({ disk, medium }: SimulatedStore): void {
  const storeKey = storeKeyOf(Buffer.from(disk.bytesOf(`${STORE}/FORMAT`)).toString("utf8"));
  medium.apply(unsealingChanges(openMemoryStateStore(medium), storeKey));
  disk.place(`${STORE}/FORMAT`, Buffer.from(format1Text(storeKey), "utf8"));
}
